// The simulated device behind the page: docs/formats/terminal-page.md. The page moves pixels and key
// presses; the terminal decides what is shown.
import { onScopeDispose, reactive, ref, shallowRef } from 'vue'
import { ask, knownProblem, listen, showProblem, useSession } from '@tally/kit'

export const kKeys = [
  '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'dot', 'enter', 'back', 'cancel', 'redeem', 'void', 'sync', 'language', 'up', 'down', 'refund',
] as const
export type Key = (typeof kKeys)[number]

export interface Devices {
  scanner: 'plugged' | 'unplugged'
  paper: 'ok' | 'out'
  cover: 'closed' | 'open'
  printer: 'plugged' | 'unplugged'
}

export interface Info {
  terminal: number
  width: number
  height: number
  paper_width: number
  version: string
  keys: Key[]
  devices: Devices
}

export type Screen =
  | 'starting'
  | 'idle'
  | 'amount'
  | 'scan'
  | 'lookup'
  | 'member'
  | 'redeem'
  | 'working'
  | 'result'
  | 'void_pick'
  | 'void_confirm'
  | 'refund_pick'
  | 'refund'
  | 'enrol'
  | 'message'

export interface View {
  screen: Screen
  result: 'approved' | 'declined' | 'attention' | null
  message: string
  typed: string
  bill: number
  currency: string
  earned: number
  redeemed: number
  balance: number | null
  receipt: string
  offline: boolean
  can_undo: boolean
  status?: { link: 'online' | 'gateway' | 'offline'; unsynced: number; oldest_unsynced_age_s: number; syncing: boolean }
}

export type Sound = 'approved' | 'declined' | 'attention' | 'key'

const kKeysWaitingMax = 32
const kPictureBytesMax = 4 * 1024 * 1024
const kPicturePixelsMax = 4_000_000
const kScanTextBytesMax = 4096
const kTapTextBytesMax = 1024

/** A picture the terminal takes: PNG within its bounds. Other kinds are drawn anew. */
async function asPng(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => {
    throw knownProblem('not_a_picture', 422)
  })
  const pixels = picture.width * picture.height
  if (file.type === 'image/png' && file.size <= kPictureBytesMax && pixels <= kPicturePixelsMax) return file
  const scale = Math.min(1, Math.sqrt(kPicturePixelsMax / pixels))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.floor(picture.width * scale))
  canvas.height = Math.max(1, Math.floor(picture.height * scale))
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
  const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (png === null || png.size > kPictureBytesMax) throw knownProblem('too_large', 413)
  return png
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

export function useDevice() {
  const session = useSession()
  const info = shallowRef<Info | null>(null)
  const view = shallowRef<View | null>(null)
  const devices = reactive<Devices>({ scanner: 'plugged', paper: 'ok', cover: 'closed', printer: 'plugged' })
  const frame = ref(0)
  const paper = shallowRef<{ count: number; receipt: string; qr: string } | null>(null)
  const connected = ref(false)
  const sound = shallowRef<{ sound: Sound; at: number } | null>(null)

  async function readInfo() {
    try {
      info.value = await ask<Info>('/api/info')
      Object.assign(devices, info.value.devices)
    } catch (thrown) {
      session.notice(thrown as Parameters<typeof session.notice>[0])
    }
  }
  void readInfo()
  const stop = listen(
    '/api/events',
    {
      frame: (data: { frame: number }) => (frame.value = data.frame),
      state: (data: View) => (view.value = data),
      printed: (data: { count: number; receipt: string; qr: string }) => (paper.value = data),
      sound: (data: { sound: Sound }) => (sound.value = { sound: data.sound, at: performance.now() }),
      device: (data: Devices) => Object.assign(devices, data),
    },
    (open) => {
      if (open !== connected.value) void readInfo()
      connected.value = open
    },
  )
  onScopeDispose(stop)

  // Presses go one after the other: two requests under way at once could overtake each other.
  let line: Promise<unknown> = Promise.resolve()
  let waiting = 0
  function inLine(work: () => Promise<unknown>): Promise<boolean> {
    if (waiting >= kKeysWaitingMax) {
      showProblem(knownProblem('busy', 503))
      return Promise.resolve(false)
    }
    waiting += 1
    const done = line.then(work).then(
      () => true,
      (thrown) => {
        showProblem(thrown)
        return false
      },
    )
    line = done.finally(() => (waiting -= 1))
    return done
  }

  const plain = 'text/plain; charset=utf-8'
  async function sendText(path: string, text: string, bytesMax: number): Promise<unknown> {
    if (utf8Bytes(text) > bytesMax) throw knownProblem('too_large', 413)
    return ask(path, { body: text, contentType: plain })
  }

  return {
    info,
    view,
    devices,
    frame,
    paper,
    connected,
    sound,
    press: (key: Key) => inLine(() => ask('/api/key', { json: { key } })),
    scanText: (text: string) => inLine(() => sendText('/api/scan', text, kScanTextBytesMax)),
    scanPicture: (file: Blob) =>
      inLine(async () => ask('/api/scan', { body: await asPng(file), contentType: 'image/png' })),
    tap: (text: string) => inLine(() => sendText('/api/tap', text, kTapTextBytesMax)),
    change: (change: Partial<Devices>) => inLine(() => ask('/api/device', { json: change })),
    tear: () =>
      inLine(async () => {
        await ask('/api/paper/tear', { method: 'POST' })
        paper.value = null
      }),
  }
}

export type Device = ReturnType<typeof useDevice>
