/* The first process of every pod: it holds the pod's namespaces, reaps orphans, and ends when told to. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

int main(void) {
    sigset_t set;
    int received;

    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (;;) {
        if (sigwait(&set, &received) != 0)
            continue;
        if (received == SIGCHLD)
            while (waitpid(-1, NULL, WNOHANG) > 0) {}
        if (received == SIGTERM || received == SIGINT)
            return 0;
    }
}
