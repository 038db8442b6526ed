import { ownCpu } from './cpu.mjs'
import { percentile } from './stats.mjs'

/**
 * A closed loop: `width` operations in flight until `count` are done. `operation(i)` gets each number once, so that all
 * contestants do the very same work. `settled` waits for what the operations have set going; it counts, too. Returns
 * what one round of a contestant is made of.
 */
export async function closedLoop(operation, { count, width, settled, otherCpu = () => undefined }) {
  const took = new Float64Array(count)
  let next = 0
  const worker = async () => {
    while (next < count) {
      const i = next++
      const from = performance.now()
      await operation(i)
      took[i] = performance.now() - from
    }
  }
  const [cpuBefore, otherBefore, from] = [ownCpu(), otherCpu(), performance.now()]
  await Promise.all(Array.from({ length: width }, worker))
  await settled?.()
  const [ms, cpu, other] = [performance.now() - from, ownCpu() - cpuBefore, otherCpu()]
  return {
    rate: (count / ms) * 1000,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    cpuUs: cpu / count,
    ...(other !== undefined && { otherUs: (other - otherBefore) / count }),
  }
}
