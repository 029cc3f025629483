/** What everything is called that this library tells OpenTelemetry. Durations are in seconds. */
export const names = {
  library: 'express-resource-server',
  authenticationDuration: 'express_resource_server.authentication.duration',
  authorizationAttempts: 'express_resource_server.authorization.attempts',
  refusals: 'express_resource_server.refusals',
  keyLoads: 'express_resource_server.keys.loads',
  proofReplays: 'express_resource_server.proof.replays',
} as const

/** The attributes, of metrics and of spans. */
export const attributes = {
  authenticationResult: 'express_resource_server.authentication.result',
  authenticationScheme: 'express_resource_server.authentication.scheme',
  isRemembered: 'express_resource_server.authentication.is_remembered',
  authorizationResult: 'express_resource_server.authorization.result',
  loadResult: 'express_resource_server.keys.load.result',
  issuer: 'express_resource_server.issuer',
  code: 'error.type',
  status: 'http.response.status_code',
} as const
