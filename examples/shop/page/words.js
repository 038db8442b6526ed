// What the shop's answers mean to the person before the screen.

const refusals = {
  EmptyOrder: () => 'Choose at least one product.',
  UnknownCustomer: () => 'The shop does not know this customer (any more).',
  NotSold: () => 'One of the products is not sold any more.',
  MixedCurrencies: () => 'An order cannot mix currencies.',
  NotReserved: ({ waitingFor }) =>
    `Not all goods are reserved yet: still waiting for line ${waitingFor.join(', ')}.`,
  AlreadyDecided: ({ status }) => `This order is ${status} already.`,
  Discontinued: () => 'This product is discontinued.',
}

/** A problem document (RFC 9457) in words. */
export function inWords(problem) {
  const refusal = refusals[problem.rejected]
  if (refusal) return refusal(problem.data)
  if (problem.issues)
    return problem.issues.map((it) => `${it.path || 'The request'}: ${it.message}`).join('; ')
  return [problem.detail ?? problem.title, problem.hint].filter(Boolean).join(' ')
}

export const statusWords = {
  pending: 'waiting for goods 접수',
  reserved: 'waiting for you 예약됨',
  approved: 'approved 승인',
  rejected: 'rejected 거절',
  cancelled: 'cancelled 취소',
}

/** ₩12,000 or $12.00: amounts count the smallest unit of their currency. */
export function money({ amount, currency }) {
  const format = new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
  })
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits)
}
