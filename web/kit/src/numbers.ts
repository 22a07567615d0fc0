// Numbers and money as text, the same in both languages. No floating point touches points or money.
import type { Money } from './api/types.ts'

/** Digits after the point of a currency (ISO 4217). */
const kMinorDigits: Record<string, number> = { CNY: 2, HKD: 2, MOP: 2, TWD: 2, USD: 2, EUR: 2, GBP: 2, SGD: 2, JPY: 0, KRW: 0 }
const kSymbols: Record<string, string> = { CNY: '¥', USD: '$', EUR: '€', GBP: '£', JPY: 'JP¥' }

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/** 1234567 → "1,234,567"; the minus is a real one. */
export function formatInteger(value: number): string {
  const text = grouped(String(Math.abs(value)))
  return value < 0 ? `−${text}` : text
}

/** With its sign, for what happened to somebody's points. */
export function formatSigned(value: number): string {
  return value > 0 ? `+${formatInteger(value)}` : formatInteger(value)
}

/** {minor: 12850, currency: "CNY"} → "¥128.50". */
export function formatMoney(money: Money): string {
  const digits = kMinorDigits[money.currency] ?? 2
  const text = String(Math.abs(money.minor)).padStart(digits + 1, '0')
  const whole = grouped(text.slice(0, text.length - digits))
  const fraction = digits > 0 ? `.${text.slice(-digits)}` : ''
  return `${money.minor < 0 ? '−' : ''}${kSymbols[money.currency] ?? `${money.currency} `}${whole}${fraction}`
}

/** Bytes in binary steps, one digit after the point. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

export interface DurationParts {
  d: number
  h: number
  m: number
  s: number
}

export function durationParts(seconds: number): DurationParts {
  const whole = Math.max(0, Math.floor(seconds))
  return {
    d: Math.floor(whole / 86400),
    h: Math.floor((whole % 86400) / 3600),
    m: Math.floor((whole % 3600) / 60),
    s: whole % 60,
  }
}

/** Groups of four: "9900 0000 0000 0016". */
export function formatCardNumber(number: string): string {
  return number.replace(/(.{4})(?=.)/g, '$1 ')
}

/** A long hex string in readable groups, shortened to its ends. */
export function formatFingerprint(hex: string): string {
  const clean = hex.replaceAll(':', '').toUpperCase()
  return (clean.match(/.{1,4}/g) ?? []).join(' ')
}
