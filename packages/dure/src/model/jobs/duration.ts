import { fault } from '../../kernel/errors/fault.ts'

/** A length of time: `'500ms'`, `'30s'`, `'15m'`, `'1h'`, `'7d'`. A day is 24 hours. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const pattern = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/

/**
 * A length of time in milliseconds.
 * @throws DURE_MODEL_INVALID for what is none, or not more than nothing
 */
export function durationMs(where: string, what: string, text: string): number {
  const [, amount, unit] = pattern.exec(text) ?? []
  const ms = Math.round(Number(amount) * unitMs[unit as keyof typeof unitMs])
  if (ms >= 1) return ms
  throw fault('DURE_MODEL_INVALID', {
    where,
    reason: `${what} is ${JSON.stringify(text)}, which is no length of time.`,
    fix: "Write a number and a unit: '500ms', '30s', '15m', '1h' or '7d'.",
  })
}
