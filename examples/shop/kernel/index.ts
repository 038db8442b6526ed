export { Address } from './address.ts'
export { Price } from './price.ts'
