import { JWT, idClaims, baseClaims, type Provider } from './provider.js'

export const zitadel: Provider = {
  issuer: 'https://instance-1.zitadel.cloud',
  audience: '195912339333529857',
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      aud: [context.clientId, context.audience],
      nbf: context.now,
      client_id: context.clientId,
      jti: context.uuid,
      'urn:zitadel:iam:org:project:roles': { clerk: { '195912339333529857': 'example.com' } },
    },
  }),
  id: (context) => ({
    header: JWT,
    claims: {
      ...idClaims(context),
      aud: [context.clientId, context.audience],
      azp: context.clientId,
      client_id: context.clientId,
      amr: ['pwd'],
      sid: 'V1_1',
    },
  }),
}
