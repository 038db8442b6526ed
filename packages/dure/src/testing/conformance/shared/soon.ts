import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'

/** Waits, a moment at least, until something is so. */
export async function soon(isSo: () => boolean, deadlineMs = 5000): Promise<void> {
  for (let waited = 0; waited < deadlineMs; waited += 5) {
    await pause(5)
    if (isSo()) return
  }
  assert.fail(`waited ${deadlineMs} ms in vain`)
}
