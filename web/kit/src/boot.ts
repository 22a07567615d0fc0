// Starts a page: the session first (it takes the one-time token out of the address), then the app.
import { createApp, type Component } from 'vue'
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import './theme/theme.css'
import { useSession } from './api/session.ts'
import { useElement } from './element.ts'
import { i18n, startLanguage } from './i18n/index.ts'

export function bootPage(root: Component, routes: RouteRecordRaw[]): void {
  startLanguage()
  void useSession().start()
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [...routes, { path: '/:rest(.*)*', redirect: '/' }],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  const app = createApp(root)
  app.use(i18n)
  app.use(router)
  useElement(app)
  app.mount('#app')
}
