// Numbers, money, times and ages as a reader wants them.
import { computed } from 'vue'
import { useLanguage } from './i18n/index.ts'
import type { BusinessDay, Language, TimeUs } from './api/types.ts'
import {
  durationParts,
  formatBytes,
  formatCardNumber,
  formatFingerprint,
  formatInteger,
  formatMoney,
  formatSigned,
} from './numbers.ts'

function dateOf(us: TimeUs): Date {
  return new Date(us / 1000)
}

function timeFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'zh-CN', options)
}

export function useFormat() {
  const { t, language } = useLanguage()
  const full = computed(() =>
    timeFormat(language.value, {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
    }),
  )
  const clock = computed(() =>
    timeFormat(language.value, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }),
  )
  const dayLong = computed(() =>
    timeFormat(language.value, { year: 'numeric', month: 'long', day: 'numeric', weekday: 'short', timeZone: 'UTC' }),
  )
  const dayShort = computed(() =>
    timeFormat(language.value, { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'UTC' }),
  )

  /** The two largest parts: "3 小时 5 分". */
  function duration(seconds: number): string {
    const { d, h, m, s } = durationParts(seconds)
    if (d > 0) return h > 0 ? t('unit.dayHour', { d, h }) : t('unit.day', { n: d })
    if (h > 0) return m > 0 ? t('unit.hourMinute', { h, m }) : t('unit.hour', { n: h })
    if (m > 0) return s > 0 && m < 10 ? t('unit.minuteSecond', { m, s }) : t('unit.minute', { n: m })
    return t('unit.second', { n: s })
  }

  return {
    integer: formatInteger,
    signed: formatSigned,
    money: formatMoney,
    bytes: formatBytes,
    card: formatCardNumber,
    fingerprint: formatFingerprint,
    duration,
    points: (n: number) => t('unit.points', { n: formatInteger(n) }),
    time: (us: TimeUs | null) => (us === null ? t('kit.unknown') : full.value.format(dateOf(us))),
    clock: (us: TimeUs | null) => (us === null ? t('kit.unknown') : clock.value.format(dateOf(us))),
    /** How long before `nowUs` something was. */
    ago(us: TimeUs | null, nowUs: TimeUs): string {
      if (us === null) return t('kit.notYet')
      const seconds = (nowUs - us) / 1e6
      return seconds < 2 ? t('unit.justNow') : t('unit.ago', { t: duration(seconds) })
    },
    day: (day: BusinessDay) => dayLong.value.format(new Date(`${day}T00:00:00Z`)),
    dayShort: (day: BusinessDay) => dayShort.value.format(new Date(`${day}T00:00:00Z`)),
  }
}
