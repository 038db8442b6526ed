import { keep, make, say } from './elements.js'

const list = document.querySelector('#stock')

/** Shows what is in the house, and what of it is promised. */
export function showStock(stock) {
  keep(list, stock, item, update)
}

function item({ name }) {
  return make(
    'li',
    {},
    make('p', {}, make('span', {}, name), make('strong', { className: 'number' })),
    make('meter', { min: 0, ariaLabel: `${name}: free of what is in the house` }),
    make('span', { className: 'note' }),
  )
}

function update(element, { onHand, reserved, free }) {
  say(element.querySelector('strong'), String(onHand))
  const meter = element.querySelector('meter')
  meter.max = Math.max(onHand, 1)
  meter.value = free
  say(element.querySelector('.note'), `${free} free, ${reserved} reserved`)
}
