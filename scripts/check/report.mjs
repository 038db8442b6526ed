import { styleText } from 'node:util'

const mark = (style, text) =>
  process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text, { validateStream: false }) : text

export function printOutcome({ name, ok, ms, seen, unit, output }) {
  const took = `${(ms / 1000).toFixed(1)}s`
  if (ok) {
    console.log(`${mark('green', 'ok')}   ${name.padEnd(8)} ${took.padStart(5)}  ${seen} ${unit}`)
  } else {
    console.log(`${mark('red', 'FAIL')} ${name.padEnd(8)} ${took.padStart(5)}`)
    console.log(output.trim().replace(/^/gm, '     '))
  }
}

export function printUsage(steps) {
  console.log('npm run check [-- step …]\n')
  for (const { name, about } of steps) console.log(`  ${name.padEnd(8)} ${about}`)
  console.log('\nA step brings the steps it needs with it. NO_COLOR=1 prints without colour.')
}
