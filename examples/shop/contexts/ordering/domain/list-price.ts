import { Price } from '@shop/kernel'
import { ref, valueObject } from 'dure'

/** What a product costs today. */
export class ListPrice extends valueObject('ListPrice', { product: ref('Product'), price: Price }) {}
