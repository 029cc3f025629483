import { CLIENT, idClaims, type Provider } from './provider.js'

export const cognito: Provider = {
  issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example',
  audience: CLIENT,
  access: (context) => ({
    header: {},
    claims: {
      iss: context.issuer,
      sub: 'user-1',
      client_id: context.audience,
      origin_jti: context.uuid,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      'cognito:groups': ['clerks'],
      auth_time: context.now,
      iat: context.now,
      exp: context.now + 300,
      jti: context.uuid,
      username: 'ada',
      version: 2,
    },
  }),
  app: (context) => ({
    header: {},
    claims: {
      iss: context.issuer,
      sub: context.audience,
      client_id: context.audience,
      token_use: 'access',
      scope: 'orders/read',
      auth_time: context.now,
      iat: context.now,
      exp: context.now + 300,
      jti: context.uuid,
      version: 2,
    },
  }),
  id: (context) => ({
    header: {},
    claims: {
      ...idClaims(context),
      token_use: 'id',
      'cognito:username': 'ada',
      'cognito:groups': ['clerks'],
      email: 'ada@example.com',
    },
  }),
}
