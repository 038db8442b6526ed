import { given, happened } from 'dure/testing'
import { describe, expect, test } from 'vitest'
import { Address } from './address.ts'
import { Employee, EmployeeHired, EmployeeLeft, EmployeeMoved, EmployeeTransferred } from './employee.ts'

const seoul = { zipcode: '04524', addr1: 'Sejong-daero 110' }
const busan = { zipcode: '47545', addr1: 'Jungang-daero 1001', addr2: '3F' }
const research = 'research'
const hired = happened(EmployeeHired, { name: 'Kim Bora', address: seoul, department: 'sales' })

describe('an employee', () => {
  test('is hired into a department', () => {
    given(Employee)
      .when((employees) => employees.hire({ name: 'Kim Bora', address: seoul, department: 'sales' }))
      .thenEvents(hired)
      .thenState({ name: 'Kim Bora', department: 'sales' })
  })

  test('moves: the address is replaced as a whole', () => {
    given(Employee, hired)
      .when((employee) => employee.move({ address: busan }))
      .thenEvents(happened(EmployeeMoved, { address: busan }))
      .when((employee) => employee.move({ address: seoul }))
      .thenState({ address: seoul })
  })

  test('who moves to the address they have does not move', () => {
    given(Employee, hired)
      .when((employee) => employee.move({ address: { ...seoul } }))
      .thenNothing()
  })

  test('is transferred to another department, not to the same', () => {
    given(Employee, hired)
      .when((employee) => employee.transfer({ to: research }))
      .thenEvents(happened(EmployeeTransferred, { from: 'sales', to: research }))
      .when((employee) => employee.transfer({ to: research }))
      .thenRejected('AlreadyThere', { department: research })
  })

  test('leaves for good', () => {
    given(Employee, hired)
      .when((employee) => employee.leave())
      .thenEvents(happened(EmployeeLeft))
      .thenEnded()
  })
})

describe('an address', () => {
  test('is equal by value, and changes by being another one', () => {
    const address = new Address(seoul)
    expect(address.equals(new Address(seoul))).toBe(true)
    const other = address.with({ addr2: '5F' })
    expect(address.equals(other)).toBe(false)
    expect(other.toString()).toBe('04524 Sejong-daero 110 5F')
  })

  test('without a postal code there is none', () => {
    expect(() => new Address({ ...seoul, zipcode: '4524' })).toThrow(
      expect.objectContaining({ code: 'DURE_VALUE_INVALID' }),
    )
  })
})
