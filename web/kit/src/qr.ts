// QR codes drawn in the page, black on white with the quiet zone the standard asks for.
import { encode } from 'uqr'

const kQuietModules = 4

export interface QrSquare {
  /** Modules a side, quiet zone included. */
  size: number
  /** SVG path of the dark modules in module units. */
  path: string
  dark: boolean[][]
}

/** Throws RangeError when the text is too long for a QR code. */
export function qrSquare(text: string, ecc: 'L' | 'M' | 'Q' = 'M'): QrSquare {
  let dark: boolean[][]
  try {
    dark = encode(text, { ecc, border: kQuietModules, boostEcc: true }).data
  } catch {
    throw new RangeError(`too long for a QR code: ${text.length} characters`)
  }
  const runs: string[] = []
  dark.forEach((row, y) => {
    for (let x = 0; x < row.length; ) {
      if (!row[x]) {
        x += 1
        continue
      }
      let end = x
      while (end < row.length && row[end]) end += 1
      runs.push(`M${x} ${y}h${end - x}v1h${x - end}z`)
      x = end
    }
  })
  return { size: dark.length, path: runs.join(''), dark }
}

/** The code as a PNG picture, each module `scale` pixels a side. */
export async function qrPng(text: string, scale = 8): Promise<Blob> {
  const { size, dark } = qrSquare(text)
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size * scale
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.fillStyle = '#000'
  dark.forEach((row, y) => row.forEach((on, x) => on && pen.fillRect(x * scale, y * scale, scale, scale)))
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'),
  )
}

/** Hands a file to the reader. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
