/**
 * The operations of Parameter Store by their names.
 *
 * @module
 */
import type { Operation } from '../operation.js'
import { labelParameterVersion, unlabelParameterVersion } from './labels.js'
import { deleteParameter, deleteParameters, describeParameters } from './managing.js'
import { getParameter, getParameterHistory, getParameters, getParametersByPath } from './reading.js'
import { putParameter } from './writing.js'

/** Operations of Parameter Store that the emulator knows. */
export type ParameterStoreOperation =
  | 'DeleteParameter'
  | 'DeleteParameters'
  | 'DescribeParameters'
  | 'GetParameter'
  | 'GetParameterHistory'
  | 'GetParameters'
  | 'GetParametersByPath'
  | 'LabelParameterVersion'
  | 'PutParameter'
  | 'UnlabelParameterVersion'

/** What answers each of them. */
export const parameterStoreOperations: Readonly<Record<ParameterStoreOperation, Operation>> = {
  DeleteParameter: deleteParameter,
  DeleteParameters: deleteParameters,
  DescribeParameters: describeParameters,
  GetParameter: getParameter,
  GetParameterHistory: getParameterHistory,
  GetParameters: getParameters,
  GetParametersByPath: getParametersByPath,
  LabelParameterVersion: labelParameterVersion,
  PutParameter: putParameter,
  UnlabelParameterVersion: unlabelParameterVersion,
}
