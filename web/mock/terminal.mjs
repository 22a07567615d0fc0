export function terminalRoutes() {
  return {}
}
