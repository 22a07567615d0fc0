import { describe, expect, it } from 'vitest'
import { qrSquare } from './qr.ts'

describe('QR codes', () => {
  it('keep the quiet zone of four modules', () => {
    const { size, dark } = qrSquare('9900000000000016')
    expect(size).toBe(dark.length)
    for (let i = 0; i < size; i += 1) {
      for (const edge of [0, 1, 2, 3, size - 4, size - 3, size - 2, size - 1]) {
        expect(dark[edge]![i]).toBe(false)
        expect(dark[i]![edge]).toBe(false)
      }
    }
    // The corner of a finder pattern follows at once.
    expect(dark[4]![4]).toBe(true)
  })
  it('refuse a text that no code can hold', () => {
    expect(() => qrSquare('x'.repeat(5000))).toThrow(RangeError)
  })
})
