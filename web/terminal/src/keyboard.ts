// The reader's keyboard as the device's keys. Fields and buttons that have the focus keep theirs.
import { onScopeDispose } from 'vue'
import type { Key } from './device.ts'

const kByName = new Map<string, Key>(
  Object.entries({
    Enter: 'enter',
    Escape: 'cancel',
    Backspace: 'back',
    ArrowUp: 'up',
    ArrowDown: 'down',
    '.': 'dot',
    ',': 'dot',
    '。': 'dot',
    r: 'redeem',
    v: 'void',
    f: 'refund',
    s: 'sync',
    l: 'language',
  }),
)

export type Command = { device: Key } | { page: 'help' | 'scan' | 'tap' | 'sound' }

/** What a key press means; null when it is none of ours. */
export function commandOf(key: string, code: string): Command | null {
  if (/^[0-9]$/.test(key)) return { device: key as Key }
  // With a Chinese input method on, `key` is "Process": go by the place of the key.
  const name = key === 'Process' || key === 'Unidentified' ? code.replace(/^(Key|Digit|Numpad)/, '').toLowerCase() : key
  if (/^[0-9]$/.test(name)) return { device: name as Key }
  const known = kByName.get(name.length === 1 ? name.toLowerCase() : name)
  if (known) return { device: known }
  switch (name.toLowerCase()) {
    case '?':
    case 'h':
      return { page: 'help' }
    case 'c':
      return { page: 'scan' }
    case 't':
      return { page: 'tap' }
    case 'm':
      return { page: 'sound' }
    default:
      return null
  }
}

/** True when the element needs the key itself. */
function keepsKey(target: EventTarget | null, event: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('input, textarea, select, [contenteditable], dialog, [role="dialog"]')) return true
  return (event.key === 'Enter' || event.key === ' ') && target.closest('button, a, summary') !== null
}

export function useKeyboard(run: (command: Command) => void): void {
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || keepsKey(event.target, event)) return
    const command = commandOf(event.key, event.code)
    if (command === null) return
    if (event.repeat && !('device' in command && command.device === 'back')) return
    event.preventDefault()
    run(command)
  }
  document.addEventListener('keydown', onKey)
  onScopeDispose(() => document.removeEventListener('keydown', onKey))
}
