import { describe, expect, it } from 'vitest'
import { tokenFromHash } from './session.ts'

const kToken = 'q9-_' + 'A'.repeat(39)

describe('the token of a one-time link', () => {
  it.each([`#${kToken}`, `#/welcome/${kToken}`, `#welcome=${kToken}`, `#token=${kToken}`])('is found in %s', (hash) => {
    expect(tokenFromHash(hash)).toBe(kToken)
  })
  it.each(['', '#', '#/', '#/members/12', `#/members/${kToken}`, '#short', `#${'A'.repeat(65)}`, `#${kToken}/x`, '#<script>'])(
    'is not found in %s',
    (hash) => {
      expect(tokenFromHash(hash)).toBeNull()
    },
  )
})
