import { given, happened } from 'dure/testing'
import { test } from 'vitest'
import { Department, DepartmentOpened } from './department.ts'

test('a department is opened under its name', () => {
  given(Department)
    .when((departments) => departments.open({ name: 'Sales' }))
    .thenEvents(happened(DepartmentOpened, { name: 'Sales' }))
})
