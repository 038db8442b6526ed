import { expect, test } from 'vitest'
import { given, happened } from 'dure/testing'
import { Opened, Ticket } from '../../test/fixtures/tickets.ts'
import { Order } from '../../test/fixtures/ordering.ts'

const { open, comment, close, drop } = Ticket.commands
const kims = happened(Opened, { customer: 'kim', text: 'x' })
const clerk = { actor: 'seo', roles: ['clerk'] }

test('who may give a command is told on the state after what happened', () => {
  const ticket = given(Ticket, kims)
  expect(ticket.lets({ actor: 'kim' }, comment, { text: 'x' })).toBe(true)
  expect(ticket.lets({ actor: 'lee' }, comment, { text: 'x' })).toBe(false)
  expect(ticket.lets(clerk, comment, { text: 'x' })).toBe(true)
  expect(ticket.lets(clerk, close)).toBe(true)
  expect(ticket.lets({}, close)).toBe(false)
  expect(ticket.lets(clerk, drop)).toBe(false)
})

test('who may create is told on the input', () => {
  expect(given(Ticket).lets({ actor: 'kim' }, open, { customer: 'kim', text: 'x' })).toBe(true)
  expect(given(Ticket).lets({ actor: 'lee' }, open, { customer: 'kim', text: 'x' })).toBe(false)
  // Nobody owns what is not there.
  expect(given(Ticket).lets({ actor: 'kim' }, drop)).toBe(false)
})

test('a command that says nothing lets everybody, and one of another aggregate is a mistake', () => {
  expect(given(Order).lets({}, Order.commands.approve)).toBe(true)
  expect(() => given(Ticket, kims).lets(clerk, Order.commands.approve)).toThrow('is not one of its commands')
})
