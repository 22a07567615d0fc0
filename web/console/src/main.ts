import { addCatalogue, bootPage } from '@tally/kit'
import App from './App.vue'
import { en } from './texts/en.ts'
import { zhCN } from './texts/zh-CN.ts'

addCatalogue(zhCN, en)
bootPage(App, [
  { path: '/', component: () => import('./pages/OverviewPage.vue') },
  { path: '/members', component: () => import('./pages/MembersPage.vue') },
  { path: '/members/new', component: () => import('./pages/EnrolPage.vue') },
  { path: '/members/:id(\\d+)', component: () => import('./pages/MemberPage.vue'), props: true },
  { path: '/stores', component: () => import('./pages/StoresPage.vue') },
  { path: '/quarantine', component: () => import('./pages/QuarantinePage.vue') },
])
