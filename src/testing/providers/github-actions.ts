import { API, JWT, baseClaims, type Provider } from './provider.js'

/** GitHub Actions: the token of a workflow that asked for one for this API. */
export const githubActions: Provider = {
  issuer: 'https://token.actions.githubusercontent.com',
  audience: API,
  access: (context) => ({
    header: JWT,
    claims: {
      ...baseClaims(context),
      sub: 'repo:acme/orders:ref:refs/heads/main',
      jti: context.uuid,
      nbf: context.now,
      ref: 'refs/heads/main',
      sha: '0000000000000000000000000000000000000000',
      repository: 'acme/orders',
      repository_id: '1',
      repository_owner: 'acme',
      repository_owner_id: '2',
      run_id: '3',
      actor: 'ada',
      workflow: 'release',
      event_name: 'push',
      job_workflow_ref: 'acme/orders/.github/workflows/release.yml@refs/heads/main',
      runner_environment: 'github-hosted',
    },
  }),
}
