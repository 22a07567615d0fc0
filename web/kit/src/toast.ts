// Short notices. A problem always says what to do.
import { h } from 'vue'
import { ElNotification } from 'element-plus'
import { asProblem } from './api/client.ts'
import { useSession } from './api/session.ts'
import { i18n } from './i18n/index.ts'

/** Shows a problem: what happened, and what to do. Returns it, so that a form can mark its field. */
export function showProblem(thrown: unknown): ReturnType<typeof asProblem> {
  const problem = asProblem(thrown)
  useSession().notice(problem)
  const english = i18n.global.locale.value === 'en'
  const todo = english ? problem.todo.en : problem.todo.zh
  ElNotification({
    type: 'error',
    title: english ? problem.what.en : problem.what.zh,
    message: h('div', { class: 'toast-todo', 'data-code': problem.code }, todo),
    duration: 9000,
    customClass: 'toast toast-problem',
  })
  return problem
}

export function showDone(title: string, message = ''): void {
  ElNotification({ type: 'success', title, message, duration: 4000, customClass: 'toast' })
}
