/**
 * DescribeParameters, DeleteParameter and DeleteParameters.
 *
 * @module
 */
import type { Wire } from '../input.js'
import type { Call } from '../operation.js'
import { pageOf } from '../paging.js'
import { describeFilters } from './filters.js'
import { parseReference } from './names.js'
import { metadataWire } from './reading.js'

/** DescribeParameters: everything about the parameters but their values. */
export function describeParameters({ input, parameters }: Call): Wire {
  const size = input.integer('MaxResults', { min: 1, max: 50 }) ?? 50
  const selected = parameters.all().filter(describeFilters(input))
  const token = input.text('NextToken')
  const page = pageOf(selected, { list: 'DescribeParameters', size, token, errorCode: 'InvalidNextToken' })
  return {
    Parameters: page.items.map((parameter) => metadataWire(parameter, parameter.latest)),
    ...page.next,
  }
}

/** DeleteParameter: removes a parameter with all its versions. */
export function deleteParameter({ input, parameters }: Call): Wire {
  parameters.remove(parameters.get(input.requiredText('Name', { min: 1, max: 1011 })))
  return {}
}

/** DeleteParameters: removes up to 10; those that are not there come back in `InvalidParameters`. */
export function deleteParameters({ input, parameters }: Call): Wire {
  const names = input.requiredTexts('Names', { min: 1, max: 10 })
  const deleted: string[] = []
  const missing: string[] = []
  for (const name of names) {
    const parameter = parameters.find(parseReference(name))
    if (parameter === undefined) missing.push(name)
    else {
      parameters.remove(parameter)
      deleted.push(name)
    }
  }
  return { DeletedParameters: deleted, InvalidParameters: missing }
}
