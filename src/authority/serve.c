/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that starts the others, and replaces them when it is told to read everything anew (SIGHUP).  Where the configuration is
 * the same, that is the keeper alone: the clerk is handed the link of a new one, and connections go on.  Else all processes are
 * started anew; the sockets that listen are kept, so that no client is refused meanwhile: its connection waits until the next
 * front accepts it.
 */
#include "authority/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authority/processes.h"
#include "authority/template.h"
#include "authority/walls.h"

enum { BACKLOG = 1024, FAILED = 3 };

/* The two ends of each link. */
struct links {
	int ends[N_WALLED]
		[2]; /* [0]: the clerk's end; -1: the process is not needed.  The clerk has none of its own. */
};

/* What was read, and the processes that serve it. */
struct serving {
	struct arena *arena;
	const struct serve_options *options;
	const struct authority_config *config;
	struct str text; /* of the configuration */
	struct diag *diag;
	int *listeners; /* -1: not bound */
	int operators;
	struct links links;
	int control[2];       /* over which the clerk gets new keepers; [1] is the clerk's */
	pid_t pids[N_WALLED]; /* 0: it does not run */
	pid_t next_keeper;    /* that has not taken the place of the one before; 0: there is none */
	bool again;           /* SIGHUP came meanwhile */
};

static bool set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

/* An address of the configuration, or all of both families. */
static int bind_listener(struct serving *s, const struct listener_config *l)
{
	struct addr at = { IPV6, 0 };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)l->port.n) };
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)l->port.n) };
	bool all = l->address.s.n == 0;
	if (!all)
		addr_parse(l->address.s, &at);
	for (size_t i = 0; i < sizeof six.sin6_addr; i++)
		six.sin6_addr.s6_addr[i] = (uint8_t)(at.n >> 8 * (sizeof six.sin6_addr - 1 - i));
	four.sin_addr.s_addr = htonl((uint32_t)at.n);
	bool is_six = at.family == IPV6;
	int fd = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 && all && errno == EAFNOSUPPORT) {
		is_six = false;
		four.sin_addr.s_addr = htonl(INADDR_ANY);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	}
	bool ok = fd >= 0 && set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
		  (!is_six || set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, !all)) &&
		  bind(fd, is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four,
		       is_six ? sizeof six : sizeof four) == 0 &&
		  listen(fd, BACKLOG) == 0;
	if (!ok)
		diag_machine(s->diag, errno, "the listener \"%.*s\", port %llu", STR_ARG(l->name.s),
			     (unsigned long long)l->port.n);
	return ok ? fd : -1;
}

static bool is_same(const struct listener_config *a, const struct listener_config *b)
{
	return a->port.n == b->port.n && str_eq(a->address.s, b->address.s);
}

/* Takes what is bound already from the one before. */
static int take_listener(struct serving *before, const struct listener_config *l)
{
	const struct listener_config *old = before ? before->config->listeners.v : NULL;
	for (size_t i = 0; before && i < before->config->listeners.n; i++)
		if (is_same(&old[i], l))
			return fcntl(before->listeners[i], F_DUPFD_CLOEXEC, 0);
	return -1;
}

static bool bind_listeners(struct serving *s, struct serving *before)
{
	const struct listener_config *listeners = s->config->listeners.v;
	size_t n = s->config->listeners.n;
	s->listeners = ARENA_ARRAY(s->arena, int, n);
	for (size_t i = 0; i < n; i++)
		s->listeners[i] = -1;
	for (size_t i = 0; i < n; i++) {
		s->listeners[i] = take_listener(before, &listeners[i]);
		if (s->listeners[i] < 0)
			s->listeners[i] = bind_listener(s, &listeners[i]);
		if (s->listeners[i] < 0)
			return false;
	}
	return true;
}

/* Where commands of operators come in.  Who connects is told by the kernel; the folder's mode says who may. */
static bool bind_operators(struct serving *s)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int length = snprintf(at.sun_path, sizeof at.sun_path, "%s/operator.sock", s->options->folder);
	if (length >= (int)sizeof at.sun_path)
		return diag_error(s->diag, NOWHERE, "the path \"%s\" is too long for the operators' socket",
				  s->options->folder);
	s->operators = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->operators >= 0 && connect(s->operators, (struct sockaddr *)&at, sizeof at) == 0)
		return diag_error(s->diag, NOWHERE, "the authority in \"%s\" is being served already",
				  s->options->folder);
	unlink(at.sun_path);
	mode_t mask = umask(0117);
	bool ok = s->operators >= 0 && bind(s->operators, (struct sockaddr *)&at, sizeof at) == 0 &&
		  listen(s->operators, BACKLOG) == 0;
	umask(mask);
	return ok || diag_machine(s->diag, errno, "%s", at.sun_path);
}

/* Whether a process is started at all. */
static bool is_needed(const struct serving *s, enum walled who)
{
	return who != WALLED_COURIER || s->config->notice_command.s.n > 0 || s->config->notice_url.s.n > 0;
}

static bool make_links(struct serving *s)
{
	s->control[0] = s->control[1] = -1;
	for (enum walled who = 0; who < N_WALLED; who++) {
		int *pair = s->links.ends[who];
		pair[0] = pair[1] = -1;
		if (who != WALLED_CLERK && is_needed(s, who) &&
		    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
			return diag_machine(s->diag, errno, "links between processes");
	}
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s->control) == 0 ||
	       diag_machine(s->diag, errno, "links between processes");
}

static void shut(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* What only the processes need. */
static void close_links(struct serving *s)
{
	for (enum walled who = 0; who < N_WALLED; who++)
		for (size_t i = 0; i < 2; i++) {
			shut(s->links.ends[who][i]);
			s->links.ends[who][i] = -1;
		}
}

/* A process keeps its own ends and nothing else. */
static void keep_only(struct serving *s, enum walled who)
{
	for (size_t i = 0; i < s->config->listeners.n && who != WALLED_FRONT; i++)
		shut(s->listeners[i]);
	if (who != WALLED_CLERK)
		shut(s->operators);
	shut(s->control[0]);
	if (who != WALLED_CLERK)
		shut(s->control[1]);
	for (enum walled other = 0; other < N_WALLED; other++) {
		if (who != WALLED_CLERK)
			shut(s->links.ends[other][0]);
		if (who != other)
			shut(s->links.ends[other][1]);
	}
}

static bool run(struct serving *s, enum walled who)
{
	const char *folder = s->options->folder;
	int(*ends)[2] = s->links.ends;
	switch (who) {
	case WALLED_FRONT:
		return front_run(s->arena,
				 &(struct front_start){ .config = s->config,
							.listeners = s->listeners,
							.clerk = ends[WALLED_FRONT][1] },
				 s->diag);
	case WALLED_CLERK:
		return clerk_run(s->arena,
				 &(struct clerk_start){ .folder = folder,
							.config = s->config,
							.front = ends[WALLED_FRONT][0],
							.keeper = ends[WALLED_KEEPER][0],
							.hasher = ends[WALLED_HASHER][0],
							.courier = ends[WALLED_COURIER][0],
							.operators = s->operators,
							.control = s->control[1] },
				 s->diag);
	case WALLED_HASHER:
		return hasher_run(s->arena,
				  &(struct hasher_start){ .config = s->config, .clerk = ends[WALLED_HASHER][1] },
				  s->diag);
	case WALLED_KEEPER:
		return keeper_run(s->arena,
				  &(struct keeper_start){
					  .folder = folder, .config = s->config, .clerk = ends[WALLED_KEEPER][1] },
				  s->diag);
	case WALLED_COURIER:
		return courier_run(s->arena,
				   &(struct courier_start){ .config = s->config, .clerk = ends[WALLED_COURIER][1] },
				   s->diag);
	case N_WALLED:
		break;
	}
	return false;
}

/* Its number; 0 after errors. */
static pid_t start(struct serving *s, enum walled who, const sigset_t *before)
{
	pid_t parent = getpid(), pid = fork();
	if (pid < 0)
		diag_machine(s->diag, errno, "the process \"%s\"", walled_names[who]);
	if (pid != 0)
		return MAX(pid, 0);
	/* The name is what ps shows; nothing outlives the one that started it. */
	prctl(PR_SET_NAME, walled_names[who], 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	sigprocmask(SIG_SETMASK, before, NULL);
	keep_only(s, who);
	if (getppid() != parent)
		_exit(FAILED);
	bool ok = run(s, who);
	if (!ok) {
		struct out o = out_fd(2);
		diag_print(s->diag, &o, false);
		out_flush(&o);
	}
	_exit(ok ? 0 : FAILED);
}

static void forward(struct serving *s)
{
	/* The front finishes what it was asked; the others end when their links do. */
	if (s->pids[WALLED_FRONT] > 0)
		kill(s->pids[WALLED_FRONT], SIGTERM);
}

static unsigned running(const struct serving *s)
{
	unsigned n = 0;
	for (enum walled who = 0; who < N_WALLED; who++)
		n += s->pids[who] > 0;
	return n + (s->next_keeper > 0);
}

static enum walled process_of(const struct serving *s, pid_t pid)
{
	enum walled who = 0;
	while (who < N_WALLED && s->pids[who] != pid)
		who++;
	return who;
}

enum ending { ENDED_IN_ORDER, ENDED_TO_RELOAD, ENDED_WRONG };

static void tell(struct serving *s, const char *text)
{
	out_printf(s->options->log, "%s\n", text);
	out_flush(s->options->log);
}

/* A new keeper, handed to the clerk, who says in the log what becomes of it.  The one before ends with its link, or this one does. */
static void start_keeper(struct serving *s, const sigset_t *before)
{
	int *pair = s->links.ends[WALLED_KEEPER];
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} beside = { 0 };
	char byte = 0;
	struct iovec bytes = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &beside, .msg_controllen = sizeof beside
	};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	*h = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
			       .cmsg_type = SCM_RIGHTS,
			       .cmsg_len = CMSG_LEN(sizeof pair[0]) };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		pair[0] = pair[1] = -1;
		tell(s, "nothing was changed: there is no link for a new keeper");
		return;
	}
	s->next_keeper = start(s, WALLED_KEEPER, before);
	memcpy(CMSG_DATA(h), &pair[0], sizeof pair[0]);
	/* where it cannot be sent, the new keeper ends, since nobody has the other end of its link */
	if (s->next_keeper && sendmsg(s->control[0], &m, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		tell(s, "the clerk does not take a new keeper");
	close_links(s);
}

/* One keeper that ended in order while another one is there: the other one signs. */
static bool keeper_ended(struct serving *s, pid_t pid, bool in_order)
{
	if (pid == s->next_keeper) {
		s->next_keeper = 0;
	} else if (s->next_keeper && pid == s->pids[WALLED_KEEPER] && in_order) {
		s->pids[WALLED_KEEPER] = s->next_keeper;
		s->next_keeper = 0;
	} else {
		return false;
	}
	return true;
}

/* A process ended: in_order when it was told to. */
static void note_end(struct serving *s, pid_t pid, int status, bool told, enum ending *ret)
{
	enum walled who = process_of(s, pid);
	s->pids[who] = 0;
	if (told && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	diag_error(s->diag, NOWHERE, "the process \"%s\" ended%s", walled_names[who],
		   WIFSIGNALED(status) ? " by a signal" : "");
	if (WIFSIGNALED(status))
		diag_note(s->diag, NOWHERE, "%s", strsignal(WTERMSIG(status)));
	*ret = ENDED_WRONG;
}

static void close_listeners(struct serving *s)
{
	for (size_t i = 0; s->listeners && i < s->config->listeners.n; i++)
		shut(s->listeners[i]);
}

static void discard(struct serving *s)
{
	if (!s)
		return;
	close_listeners(s);
	arena_free(s->arena);
}

static struct serving *read_anew(struct serving *s);

/* What has ended.  True when one that is needed did. */
static bool reap(struct serving *s, bool told, enum ending *ret)
{
	int status;
	pid_t pid;
	bool one = false;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (keeper_ended(s, pid, WIFEXITED(status) && WEXITSTATUS(status) == 0))
			continue;
		if (process_of(s, pid) == N_WALLED)
			continue;
		note_end(s, pid, status, told || one, ret);
		one = true;
	}
	return one;
}

/*
 * SIGHUP: what is to be served from now on, once the processes of now have ended.  NULL: they go on, whether nothing is served
 * differently, the keeper alone is replaced, or the configuration is wrong.
 */
static struct serving *reload(struct serving *s, const sigset_t *before)
{
	struct serving *anew = read_anew(s);
	if (!anew || !str_eq(anew->text, s->text))
		return anew;
	discard(anew);
	s->again = s->next_keeper > 0;
	if (!s->again)
		start_keeper(s, before);
	return NULL;
}

/* Waits until all have ended.  *next: what is to be served then. */
static enum ending wait_for_end(struct serving *s, const sigset_t *waited, const sigset_t *before,
				struct serving **next)
{
	enum ending ret = ENDED_IN_ORDER;
	bool told = false;
	while (running(s) > 0) {
		int number;
		sigwait(waited, &number);
		if (number == SIGHUP) {
			struct serving *anew = told && ret != ENDED_TO_RELOAD ? NULL
					       : told                         ? read_anew(s)
									      : reload(s, before);
			if (!anew)
				continue;
			discard(*next);
			*next = anew;
			ret = ENDED_TO_RELOAD;
		} else if (number != SIGCHLD && ret == ENDED_TO_RELOAD)
			ret = ENDED_IN_ORDER;
		if (number != SIGCHLD) {
			told = true;
			forward(s);
		} else if (reap(s, told, &ret)) {
			if (!told)
				forward(s);
			told = true;
		} else if (s->again && !told && !s->next_keeper) {
			s->again = false;
			start_keeper(s, before);
		}
	}
	return ret;
}

static void say(struct serving *s)
{
	const struct listener_config *listeners = s->config->listeners.v;
	struct out *o = s->options->log;
	out_printf(o, "the authority \"%.*s\" is served by %u processes\n", STR_ARG(s->config->name.s), running(s));
	if (!walled_user(s->arena, WALLED_CLERK, s->config))
		out_text(o, "all have one user: the walls between them are processes and system calls, not users\n");
	for (size_t i = 0; i < s->config->listeners.n; i++)
		out_printf(o, "listening on port %llu, %s\n", (unsigned long long)listeners[i].port.n,
			   listeners[i].metrics.on ? "metrics"
			   : listeners[i].plain.on ? "plain, for CRL, AIA and OCSP"
						   : "HTTPS");
	out_flush(o);
}

/* A connection is a descriptor: as many as the system allows. */
static void raise_limit(void)
{
	struct rlimit l;
	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

static bool read_config(struct serving *s)
{
	struct source *source = authority_config_source(s->arena, s->options->folder, s->diag);
	s->text = source ? source->text : NO_STR;
	s->config = source ? authority_config_of(s->arena, s->options->folder, source, s->diag) : NULL;
	return s->config != NULL;
}

/* The configuration as it is now, with its listeners bound.  NULL after errors, which were said: what is served goes on. */
static struct serving *read_anew(struct serving *s)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct serving *next = ARENA_NEW(a, struct serving);
	*next = (struct serving){ .arena = a, .options = s->options, .diag = d, .operators = s->operators };
	if (read_config(next) && templates_read(a, arena_printf(a, "%s/templates", s->options->folder), d) &&
	    bind_listeners(next, s))
		return next;
	diag_print(d, s->options->log, false);
	out_text(s->options->log, "nothing was changed: the configuration that is served goes on\n");
	out_flush(s->options->log);
	discard(next);
	return NULL;
}

/* Starts the processes, and closes what only they need. */
static bool start_all(struct serving *s, const sigset_t *before)
{
	bool ok = make_links(s);
	for (enum walled who = 0; who < N_WALLED && ok; who++)
		ok = !is_needed(s, who) || (s->pids[who] = start(s, who, before)) > 0;
	close_links(s);
	shut(s->control[1]);
	s->control[1] = -1;
	return ok;
}

bool authority_serve(struct arena *a, const struct serve_options *options, struct diag *d)
{
	struct serving first = { .arena = a, .options = options, .diag = d, .operators = -1 }, *s = &first;
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sigset_t waited, before;
	if (!read_config(s))
		return false;
	if (options->clock && !authority_clock(options->clock))
		return diag_machine(d, errno, "%s", options->clock);
	raise_limit();
	if (!bind_listeners(s, NULL) || !bind_operators(s))
		return false;
	sigemptyset(&waited);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaddset(&waited, numbers[i]);
	sigprocmask(SIG_BLOCK, &waited, &before);
	out_flush(options->log);
	for (;;) {
		struct serving *next = NULL;
		bool ok = start_all(s, &before);
		if (ok)
			say(s);
		enum ending ended = ok ? wait_for_end(s, &waited, &before, &next) : ENDED_WRONG;
		close_listeners(s);
		shut(s->control[0]);
		if (s != &first && ended != ENDED_TO_RELOAD)
			diag_print(s->diag, options->log, false);
		if (s != &first)
			arena_free(s->arena);
		if (ended != ENDED_TO_RELOAD) {
			shut(first.operators);
			return ended == ENDED_IN_ORDER;
		}
		s = next;
	}
}
