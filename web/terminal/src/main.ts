import { addCatalogue, bootPage } from '@tally/kit'
import App from './App.vue'
import { en } from './texts/en.ts'
import { zhCN } from './texts/zh-CN.ts'

addCatalogue(zhCN, en)
bootPage(App, [{ path: '/', component: App }])
