/**
 * Where moto 5.2 is known to differ from AWS. The suite holds the emulator to AWS's side and moto to its own, so that
 * the day moto is repaired a test says so.
 */
export const MOTO_DEVIATIONS = {
  statusOfNotFound: {
    aws: 400,
    moto: 404,
    why: 'ResourceNotFoundException carries no httpError trait in the service model: a plain client error',
  },
  statusOfStageMismatch: {
    aws: 400,
    moto: 404,
    why: 'InvalidRequestException carries no httpError trait either',
  },
  hyphenatedPartialArn: {
    aws: 'ResourceNotFoundException',
    moto: 'success',
    why: 'User Guide, "Troubleshoot ARNs": a partial ARN that ends in a hyphen and six characters looks complete',
  },
  missingStage: {
    aws: "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    moto: "Secrets Manager can't find the specified secret.",
    why: 'AWS tells a missing version from a missing secret; moto does so for version ids only',
  },
  twentyOneIds: {
    aws: 'ValidationException',
    moto: 'success',
    why: 'the service model limits SecretIdList to 20; moto does not check it',
  },
  versionsOfDescribe: {
    aws: 'labelled only',
    moto: 'all',
    why: 'API Reference, DescribeSecret: versions without staging labels are not included',
  },
  deprecatedVersions: {
    aws: 'left out',
    moto: 'listed',
    why: 'API Reference, ListSecretVersionIds: IncludeDeprecated is false by default; moto ignores it',
  },
  creationWhileScheduled: {
    aws: 'InvalidRequestException',
    moto: 'ResourceExistsException',
    why: 'AWS tells a name that is scheduled for deletion from one that is in use',
  },
  rotationWithoutFunction: {
    aws: 'success',
    moto: 'ResourceNotFoundException',
    why: 'moto refuses a rotation function that its own Lambda does not have; the emulator has no Lambda to ask',
  },
  selector: {
    aws: 'given',
    moto: 'missing',
    why: 'service model: Parameter has the member Selector; moto does not send it',
  },
  unknownLabel: {
    aws: 'ParameterVersionNotFound',
    moto: 'ParameterNotFound',
    why: 'not documented for AWS; of the errors in the model of GetParameter this is the one that fits',
  },
  ciphertext: {
    aws: 'hidden',
    moto: 'shown',
    why: 'moto answers kms:<key>:<value> without decryption, the value in the clear',
  },
  endOfLimitText: {
    aws: '',
    moto: '.',
    why: 'seen in the field without a full stop (aws-amplify/amplify-backend#2480)',
  },
} as const
