import { errorText } from '../../error/error-text.js'
import type { KernelState } from '../../kernel-state.js'

/** Reports what a router threw where no call is to fail for it. */
export function routerFailed({ clock, hub, log }: KernelState, error: unknown): void {
  log.error('router failed', { error })
  hub.push('driver:failed', { device: 'router', message: errorText(error), at: clock.now() })
}
