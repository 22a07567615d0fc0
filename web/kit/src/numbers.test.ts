import { describe, expect, it } from 'vitest'
import { durationParts, formatBytes, formatCardNumber, formatInteger, formatMoney, formatSigned } from './numbers.ts'

describe('money', () => {
  it.each([
    [12850, 'CNY', '¥128.50'],
    [5, 'CNY', '¥0.05'],
    [0, 'CNY', '¥0.00'],
    [-12345678, 'CNY', '−¥123,456.78'],
    [1500, 'JPY', 'JP¥1,500'],
    [100, 'XTS', 'XTS 1.00'],
    // Beyond what a double would keep in a division.
    [900719925474099, 'CNY', '¥9,007,199,254,740.99'],
  ])('%i minor units of %s', (minor, currency, text) => {
    expect(formatMoney({ minor, currency })).toBe(text)
  })
})

describe('integers', () => {
  it('groups thousands and keeps the sign', () => {
    expect(formatInteger(0)).toBe('0')
    expect(formatInteger(999)).toBe('999')
    expect(formatInteger(1234567)).toBe('1,234,567')
    expect(formatInteger(-1000)).toBe('−1,000')
    expect(formatSigned(128)).toBe('+128')
    expect(formatSigned(-500)).toBe('−500')
    expect(formatSigned(0)).toBe('0')
  })
})

describe('others', () => {
  it('cuts a duration into parts and never below zero', () => {
    expect(durationParts(90061)).toEqual({ d: 1, h: 1, m: 1, s: 1 })
    expect(durationParts(-5)).toEqual({ d: 0, h: 0, m: 0, s: 0 })
  })
  it('groups a card number by four', () => {
    expect(formatCardNumber('9900000000000016')).toBe('9900 0000 0000 0016')
    expect(formatCardNumber('990')).toBe('990')
  })
  it('counts bytes in binary steps', () => {
    expect(formatBytes(0)).toBe('0 B')
    expect(formatBytes(1023)).toBe('1023 B')
    expect(formatBytes(1536)).toBe('1.5 KiB')
  })
})
