// Two catalogues, zh-CN first. Each page gives its own part; keys of both languages are the same type.
import { computed } from 'vue'
import { createI18n, useI18n } from 'vue-i18n'
import type { Language } from '../api/types.ts'
import type { Sentence } from '../api/client.ts'
import { en } from './en.ts'
import { zhCN } from './zh-CN.ts'

/** A catalogue: texts by key, nested. */
export interface Catalogue {
  [key: string]: string | Catalogue
}

const kStorageKey = 'tally.language'

function remembered(): Language | null {
  try {
    const value = localStorage.getItem(kStorageKey)
    return value === 'zh-CN' || value === 'en' ? value : null
  } catch {
    return null
  }
}

function preferred(): Language {
  return remembered() ?? (navigator.language.startsWith('en') ? 'en' : 'zh-CN')
}

export const i18n = createI18n({
  legacy: false,
  locale: preferred() as string,
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN as Catalogue, en: en as Catalogue },
})

/** Adds a page's own catalogue. `C` makes both languages have the same keys. */
export function addCatalogue<C extends Catalogue>(zh: C, english: C): void {
  i18n.global.mergeLocaleMessage('zh-CN', zh)
  i18n.global.mergeLocaleMessage('en', english)
}

function apply(language: Language): void {
  i18n.global.locale.value = language
  document.documentElement.lang = language
}

/** Marks the page with its language; once, before it is drawn. */
export function startLanguage(): void {
  apply(preferred())
}

/** Takes the box's language unless the reader has chosen one in this browser. */
export function suggestLanguage(language: Language): void {
  if (remembered() === null) apply(language)
}

export function useLanguage() {
  const { t, locale } = useI18n({ useScope: 'global' })
  const language = computed<Language>(() => (locale.value === 'en' ? 'en' : 'zh-CN'))
  return {
    t,
    language,
    choose(next: Language) {
      apply(next)
      try {
        localStorage.setItem(kStorageKey, next)
      } catch {
        // Without storage the choice lasts as long as the page.
      }
    },
    /** The reader's language of a sentence that came in both. */
    pick: (sentence: Sentence) => (language.value === 'en' ? sentence.en : sentence.zh),
    pickText: (zh: string | null, english: string | null) => (language.value === 'en' ? english : zh) ?? '',
  }
}
