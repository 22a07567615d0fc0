// What every step is given and may ask for.
import type { Setup } from '@tally/kit'

export interface StepProps {
  state: Setup
  busy: boolean
}

export interface StepEmits {
  change: [call: () => Promise<Setup>, then?: 'next' | 'stay']
  next: []
  go: [step: 'language' | 'network' | 'oa' | 'enrolment' | 'manager' | 'finish']
}
