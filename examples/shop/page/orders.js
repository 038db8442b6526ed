import { tell } from './api.js'
import { keep, make, say } from './elements.js'
import { money, statusWords } from './words.js'

const body = document.querySelector('#orders')
const none = document.querySelector('#no-orders')
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

// Which decisions an order still allows; the shop decides, this only hides what would be refused.
const open = { approve: ['reserved'], reject: ['pending', 'reserved'], cancel: ['pending', 'reserved'] }
const words = { approve: 'Approve', reject: 'Reject', cancel: 'Cancel' }

/** Shows the orders; `watch` gets the work of each decision made on them. */
export function showOrders(orders, watch) {
  none.hidden = orders.length > 0
  keep(body, orders, (order) => row(order, watch), update)
}

function row({ id, placedAt, customerName }, watch) {
  const button = (action) => {
    const label = `${words[action]} the order of ${customerName ?? 'an erased customer'}`
    const element = make('button', { type: 'button', name: action, ariaLabel: label }, words[action])
    element.addEventListener('click', () => decide(id, action, element, watch))
    return element
  }
  return make(
    'tr',
    {},
    make(
      'td',
      {},
      make('span', { className: 'who' }),
      make('span', { className: 'note' }, time.format(new Date(placedAt))),
    ),
    make('td', { className: 'number' }),
    make('td', { className: 'goods' }),
    make('td', {}, make('span', { className: 'status' }), make('span', { className: 'note reason' })),
    make('td', {}, make('div', { className: 'actions' }, ...Object.keys(words).map(button))),
  )
}

function update(element, { customerName, total, lines, linesReserved, status, reason }) {
  element.querySelector('.who').textContent = customerName ?? '(erased)'
  element.querySelector('.number').textContent = money(total)
  say(element.querySelector('.goods'), `${linesReserved} of ${lines}`)
  const shown = element.querySelector('.status')
  say(shown, statusWords[status])
  shown.classList.remove(...Object.keys(statusWords))
  shown.classList.add(status)
  element.querySelector('.reason').textContent = reason ?? ''
  for (const button of element.querySelectorAll('button')) button.hidden = !open[button.name].includes(status)
}

function decide(id, action, button, watch) {
  const body = action === 'reject' ? { reason: 'rejected by the shop' } : {}
  button.disabled = true
  watch(tell(`/orders/${encodeURIComponent(id)}/${action}`, body).finally(() => (button.disabled = false)))
}
