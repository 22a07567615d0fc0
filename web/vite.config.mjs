// One configuration for all pages. No inline script, no eval: the pages run under a strict
// Content-Security-Policy (docs/formats/api.md).
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'

export const pages = ['terminal', 'store', 'console']

/** The Vite configuration of one page. */
export function pageConfig(page) {
  return {
    configFile: false,
    root: join(import.meta.dirname, page),
    publicDir: join(import.meta.dirname, 'kit/public'),
    plugins: [vue()],
    logLevel: 'warn',
    define: {
      __VUE_OPTIONS_API__: true,
      __VUE_PROD_DEVTOOLS__: false,
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
      __VUE_I18N_FULL_INSTALL__: false,
      __VUE_I18N_LEGACY_API__: false,
      __INTLIFY_PROD_DEVTOOLS__: false,
    },
    build: {
      target: 'es2022',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      emptyOutDir: true,
      chunkSizeWarningLimit: 1200,
    },
  }
}
