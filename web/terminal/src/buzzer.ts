// The device's buzzer: short tones made in the browser. Silent until the reader has touched the page,
// as browsers ask for, and when switched off.
import { ref } from 'vue'
import type { Sound } from './device.ts'

/** Pairs of pitch (Hz) and length (ms). */
const kTones: Record<Sound, [number, number][]> = {
  approved: [[880, 90], [1320, 140]],
  declined: [[330, 220], [247, 260]],
  attention: [[660, 120], [660, 120]],
  key: [[1800, 14]],
}
const kStorageKey = 'tally.sound'

function remembered(): boolean {
  try {
    return localStorage.getItem(kStorageKey) !== 'off'
  } catch {
    return true
  }
}

export function useBuzzer() {
  const on = ref(remembered())
  let audio: AudioContext | null = null

  function play(sound: Sound) {
    if (!on.value || !navigator.userActivation?.hasBeenActive) return
    audio ??= new AudioContext()
    let at = audio.currentTime
    for (const [pitch, ms] of kTones[sound] ?? []) {
      const tone = audio.createOscillator()
      const volume = audio.createGain()
      tone.type = 'square'
      tone.frequency.value = pitch
      volume.gain.value = sound === 'key' ? 0.012 : 0.035
      tone.connect(volume).connect(audio.destination)
      tone.start(at)
      tone.stop(at + ms / 1000)
      at += ms / 1000 + 0.03
    }
  }

  function toggle() {
    on.value = !on.value
    try {
      localStorage.setItem(kStorageKey, on.value ? 'on' : 'off')
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }
  return { on, play, toggle }
}
