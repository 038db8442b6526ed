import { tell } from './api.js'
import { keep, make } from './elements.js'
import { money } from './words.js'

const form = document.querySelector('#place')
const customer = document.querySelector('#customer')
const list = document.querySelector('#products')
const total = document.querySelector('#total')
let products = []

/** Shows who can order what. */
export function showChoices(customers, listed) {
  products = listed
  keep(customer, customers, customerOption, (element, { name }) => (element.textContent = name))
  keep(list, listed, productItem, (element, { listPrice }) => {
    element.querySelector('.price').textContent = money(listPrice)
  })
  showTotal()
}

function customerOption({ id }) {
  return make('option', { value: id })
}

function productItem({ id, name, description }) {
  const input = {
    type: 'number',
    id: `quantity-${id}`,
    name: id,
    min: 0,
    max: 999,
    value: 0,
    inputMode: 'numeric',
  }
  return make(
    'li',
    {},
    make('label', { htmlFor: input.id, title: description }, name),
    make('span', { className: 'price' }),
    make('input', input),
  )
}

function wanted() {
  return products
    .map(({ id, listPrice }) => ({ product: id, quantity: Number(form.elements[id]?.value ?? 0), listPrice }))
    .filter((it) => it.quantity > 0)
}

function showTotal() {
  const currency = products[0]?.listPrice.currency ?? 'KRW'
  const amount = wanted().reduce((sum, it) => sum + it.quantity * it.listPrice.amount, 0)
  total.textContent = money({ amount, currency })
}

/** Calls back with the work of placing each order, for the caller to watch. */
export function onPlace(watch) {
  form.addEventListener('input', showTotal)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const lines = wanted().map(({ product, quantity }) => ({ product, quantity }))
    const button = form.querySelector('button')
    button.disabled = true
    const placed = tell('/orders', { customer: customer.value, lines }).then(() => {
      for (const { id } of products) form.elements[id].value = 0
      showTotal()
    })
    watch(placed.finally(() => (button.disabled = false)))
  })
}
