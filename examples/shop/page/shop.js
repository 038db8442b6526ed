import { ask, Refused } from './api.js'
import { onPlace, showChoices } from './order-form.js'
import { showOrders } from './orders.js'
import { showStock } from './stock.js'

const connection = document.querySelector('#connection')
const message = document.querySelector('#message')
const everyMs = 1000
let timer
let asked = 0

// Asking again and again is enough for a page like this. An answer that a newer one overtook is not shown.
async function refresh() {
  clearTimeout(timer)
  const turn = ++asked
  try {
    const lists = ['/customers', '/products?status=listed', '/orders', '/stock'].map(ask)
    const [customers, products, orders, stock] = await Promise.all(lists)
    if (turn !== asked) return
    showChoices(customers, products)
    showOrders(orders, watch)
    showStock(stock)
    connected(true)
  } catch (error) {
    if (turn !== asked) return
    connected(false, error)
  }
  timer = setTimeout(refresh, document.hidden ? everyMs * 10 : everyMs)
}

function connected(is, error) {
  const text = is
    ? 'Live'
    : error instanceof Refused
      ? error.message
      : 'The shop does not answer; trying again.'
  connection.classList.toggle('lost', !is)
  if (connection.textContent !== text) connection.textContent = text
}

/** Waits for something that was told, says what went wrong with it, and shows what is new. */
async function watch(work) {
  try {
    await work
    message.hidden = true
  } catch (error) {
    message.textContent = error instanceof Refused ? error.message : 'The shop did not answer. Try again.'
    message.hidden = false
  }
  await refresh()
}

onPlace(watch)
document.addEventListener('visibilitychange', () => document.hidden || refresh())
await refresh()
