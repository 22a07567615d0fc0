import { describe, expect, it } from 'vitest'
import { commandOf } from './keyboard.ts'

describe('the keyboard as the device', () => {
  it.each([
    ['7', 'Digit7', '7'],
    ['.', 'Period', 'dot'],
    ['。', 'Period', 'dot'],
    ['Enter', 'NumpadEnter', 'enter'],
    ['Escape', 'Escape', 'cancel'],
    ['Backspace', 'Backspace', 'back'],
    ['r', 'KeyR', 'redeem'],
    ['R', 'KeyR', 'redeem'],
    ['v', 'KeyV', 'void'],
    ['f', 'KeyF', 'refund'],
    ['s', 'KeyS', 'sync'],
    ['l', 'KeyL', 'language'],
    ['ArrowUp', 'ArrowUp', 'up'],
    // A Chinese input method hides the letter.
    ['Process', 'KeyR', 'redeem'],
    ['Process', 'Digit4', '4'],
  ])('%s (%s) is %s', (key, code, device) => {
    expect(commandOf(key, code)).toEqual({ device })
  })
  it.each([['?', 'Slash', 'help'], ['c', 'KeyC', 'scan'], ['t', 'KeyT', 'tap'], ['m', 'KeyM', 'sound']])('%s is for the page', (key, code, page) => {
    expect(commandOf(key, code)).toEqual({ page })
  })
  it.each([['F5', 'F5'], ['Tab', 'Tab'], [' ', 'Space'], ['x', 'KeyX'], ['Shift', 'ShiftLeft'], ['constructor', 'KeyZ']])('%s is left alone', (key, code) => {
    expect(commandOf(key, code)).toBeNull()
  })
})
