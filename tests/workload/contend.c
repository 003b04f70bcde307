/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * contend - known lock contention through real kernel paths.
 *
 *   contend [options] SCENARIO
 *
 * A scenario has threads with telling names: lk-holder, lk-wait-N (scenarios
 * with a known holder), lk-race-N, lk-park-N, or only lk-solo (--solo: the same
 * operations by one thread, so nobody ever waits). What happened is printed at
 * the end as one JSON object: for every waiter how many operations blocked and
 * how long, by CLOCK_MONOTONIC around the system call. Work is bounded by
 * operations and by --deadline; SIGINT and SIGTERM end it early, in order.
 *
 * Exit: 0 done (also when interrupted), 1 failed, 2 usage, 77 not permitted here.
 */
#include <getopt.h>
#include <sys/wait.h>

#include "turns.h"

#define EXIT_SKIP 77

static const struct scenario scenarios[] = {
	{ .name = "pipe", .kind = LOAD_HELD, .help = "mutex of a pipe (needs root: userfaultfd)",
	  .setup = pipe_setup, .hold = pipe_hold, .op = pipe_op, .restore = pipe_restore,
	  .cleanup = pipe_cleanup },
	{ .name = "inode", .kind = LOAD_HELD, .help = "i_rwsem of a file, held by a writer (needs root)",
	  .setup = inode_setup, .hold = inode_hold, .op = inode_op, .cleanup = tmp_cleanup },
	{ .name = "dir", .kind = LOAD_HELD, .help = "i_rwsem of a directory, held by a reader (needs root)",
	  .setup = dir_setup, .hold = dir_hold, .op = dir_op, .restore = dir_restore,
	  .cleanup = tmp_cleanup },
	{ .name = "mmap", .kind = LOAD_LONG, .help = "mmap_lock, held by mprotect() of many pages",
	  .setup = mmap_setup, .hold = mmap_hold, .op = mmap_op, .cleanup = mmap_cleanup },
	{ .name = "futex", .kind = LOAD_RACE, .help = "spinlock of a futex hash bucket",
	  .op = futex_op, .idle = futex_idle },
	{ .name = "group", .kind = LOAD_RACE, .help = "tasklist_lock, written by setpgid()", .op = group_op },
	{ .name = "steady", .kind = LOAD_RACE, .help = "a mix of all, for benchmarks",
	  .setup = steady_setup, .op = steady_op, .idle = futex_idle, .cleanup = steady_cleanup },
};

/* --- files that tell others how far we are ----------------------------------------------- */

static void put_thread(FILE *f, const struct worker *w)
{
	fprintf(f, "{\"comm\":\"%s\",\"tid\":%d,\"ops\":%llu,\"blocked\":%llu,\"lost_ns\":%llu,\"max_ns\":%llu}",
		w->comm, w->tid, (unsigned long long)w->ops, (unsigned long long)w->blocked,
		(unsigned long long)w->lost_ns, (unsigned long long)w->max_ns);
}

static void put_result(const struct load *l, FILE *f)
{
	unsigned long long blocked = 0, lost = 0, ops = 0;
	const struct worker *w;
	bool first = true;

	fprintf(f, "{\"scenario\":\"%s\",\"solo\":%s,\"interrupted\":%s,\"pid\":%d,\"dir\":\"%s\",",
		l->opts.scen->name, l->opts.solo ? "true" : "false",
		l->interrupted ? "true" : "false", (int)getpid(), l->opts.dir);
	fprintf(f, "\"rounds\":%u,\"hold_ms\":%u,\"held_ns\":%llu,\"elapsed_ns\":%llu,\"threads\":[",
		l->rounds_done, l->opts.hold_ms, (unsigned long long)l->held_ns,
		(unsigned long long)(l->end_ns - l->start_ns));
	for (w = l->worker; w < l->worker + l->nr_workers; w++) {
		if (w->parked)
			continue;	/* they only sleep */
		fputs(first ? "" : ",", f);
		first = false;
		put_thread(f, w);
		ops += w->ops;
		blocked += w->blocked;
		lost += w->lost_ns;
	}
	fprintf(f, "],\"ops\":%llu,\"blocked\":%llu,\"lost_ns\":%llu}\n", ops, blocked, lost);
}

/*
 * Write the state so far to a file that appears at once, whole. What exists and
 * is no regular file (a device, a FIFO) is written into, never replaced.
 */
static int tell(const struct load *l, const char *path)
{
	char tmp[4096];
	struct stat st;
	FILE *f;

	if (!path)
		return 0;
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		f = fopen(path, "we");
		if (!f)
			return -errno;
		put_result(l, f);
		return fclose(f) ? -errno : 0;
	}
	if (snprintf(tmp, sizeof(tmp), "%s.new", path) >= (int)sizeof(tmp))
		return -ENAMETOOLONG;
	f = fopen(tmp, "we");
	if (!f)
		return -errno;
	put_result(l, f);
	return fclose(f) || rename(tmp, path) ? -errno : 0;
}

/* --- rounds ------------------------------------------------------------------------------ */

/* The time the holder is kept inside; SIGUSR1 ends it early. */
static int keep_holding(struct load *l)
{
	uint64_t until = l->opts.until_signal ? UINT64_MAX : now_ns() + l->opts.hold_ms * MS;
	int err = tell(l, l->opts.held);

	if (!err)
		err = crew_wait(l, CREW_TIME, 0, until);
	return err > 0 ? 0 : err;
}

static int round_held(struct load *l)
{
	unsigned int nr_waiters = l->opts.solo ? 0 : l->opts.waiters;
	int err, err2;

	err = fault_arm(l);
	if (err)
		return err;
	crew_open(l, 0, 1);
	err = crew_wait(l, CREW_FAULT, 0, 0);
	if (err < 0)
		goto out;
	crew_open(l, 1, nr_waiters);
	err = crew_wait_state(l, 1, 'D');
	if (!err)
		err = keep_holding(l);
out:
	err2 = fault_release(l);
	if (err >= 0)
		err = err2 ?: crew_wait(l, CREW_DONE, 1 + nr_waiters, 0);
	return err < 0 ? err : 0;
}

static int round_long(struct load *l)
{
	unsigned int nr_waiters = l->opts.solo ? 0 : l->opts.waiters;
	int err;

	atomic_store(&l->entered, false);
	atomic_store(&l->left, false);
	crew_open(l, 0, 1 + nr_waiters);
	err = crew_wait(l, CREW_DONE, 1 + nr_waiters, 0);
	return err < 0 ? err : 0;
}

static int round_race(struct load *l)
{
	unsigned int nr = l->opts.solo ? 1 : l->opts.waiters;
	int err = crew_wait_state(l, nr, 'S');

	if (err)
		return err;
	l->start_ns = now_ns();
	crew_open(l, 0, nr);
	err = crew_wait(l, CREW_DONE, nr, 0);
	return err < 0 ? err : 0;
}

static int run_rounds(struct load *l)
{
	const struct scenario *s = l->opts.scen;
	int err = 0;

	l->start_ns = now_ns();
	while (more_rounds(l) && !err) {
		if (s->kind == LOAD_HELD)
			err = round_held(l);
		else
			err = s->kind == LOAD_LONG ? round_long(l) : round_race(l);
		if (!err) {
			l->end_ns = now_ns();
			l->rounds_done++;
			err = s->restore ? s->restore(l) : 0;
		}
	}
	return err;
}

static int wait_for_go(struct load *l)
{
	int err;

	if (!l->opts.go)
		return 0;
	l->go_fd = open(l->opts.go, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l->go_fd < 0)
		return -errno;
	err = crew_wait(l, CREW_GO, 0, 0);
	return err < 0 ? err : 0;
}

static int worker_error(const struct load *l)
{
	unsigned int i;

	for (i = 0; i < l->nr_workers; i++)
		if (l->worker[i].err)
			return l->worker[i].err;
	return 0;
}

/* Set up, do the work, take everything down again, whatever happened. */
static int work(struct load *l)
{
	const struct scenario *s = l->opts.scen;
	int err;

	l->deadline_ns = now_ns() + l->opts.deadline_s * 1000 * MS;
	err = crew_signals(l);
	if (!err && s->kind == LOAD_HELD)
		err = fault_setup(l);
	if (!err && s->setup)
		err = s->setup(l);
	if (!err)
		err = start_threads(l);
	if (!err)
		err = tell(l, l->opts.ready) ?: wait_for_go(l);
	if (!err)
		err = run_rounds(l);
	crew_stop(l);
	fault_end(l);
	futex_unpark(l);
	crew_join(l);
	fault_cleanup(l);
	if (s->cleanup)
		s->cleanup(l);
	if (l->interrupted)
		return 0;	/* what a worker was told when all ended does not matter */
	return err ?: worker_error(l);
}

static int run(const struct load_opts *opts)
{
	struct load *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return 1;
	l->opts = *opts;
	l->uffd = l->go_fd = l->dir_fd = l->file_fd = l->pipe_fd[0] = l->pipe_fd[1] = -1;
	pthread_mutex_init(&l->gate_lock, NULL);
	pthread_cond_init(&l->gate_cond, NULL);
	err = work(l);
	if (!err && opts->result)
		err = tell(l, opts->result);
	else if (!err)
		put_result(l, stdout);
	free(l);
	if (err)
		fprintf(stderr, "contend: %s: %s\n", opts->scen->name, strerror(-err));
	if (err == -ENOSYS && opts->scen->kind == LOAD_HELD) {
		fprintf(stderr, "contend: this kernel has no userfaultfd\n");
		return EXIT_SKIP;
	}
	if (err == -EPERM && opts->scen->kind == LOAD_HELD) {
		fprintf(stderr, "contend: a known holder needs CAP_SYS_PTRACE (userfaultfd)\n");
		return EXIT_SKIP;
	}
	return err ? 1 : 0;
}

/* --in-child: all of it in a grandchild, to see whether tracers follow. */
static int run_in_child(const struct load_opts *opts)
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		pid = fork();
		if (!pid) {
			(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
			exit(run(opts));
		}
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

/* --- command line ------------------------------------------------------------------------ */

static void usage(FILE *f)
{
	size_t i;

	fputs("usage: contend [options] SCENARIO\n"
	      "  -r, --rounds N     rounds of holding and waiting (default 3)\n"
	      "  -w, --waiters N    threads that wait or race (default 3)\n"
	      "  -n, --ops N        operations per racing thread (default 100000)\n"
	      "      --parked N     sleepers on the futex (default 64)\n"
	      "      --hold-ms N    time the lock is held with all waiters blocked (default 50)\n"
	      "      --until-signal hold until SIGUSR1 instead\n"
	      "      --solo         the same operations by one thread: no contention\n"
	      "      --in-child     do it in a grandchild process\n"
	      "      --dir DIR      where to make files (default /tmp)\n"
	      "      --ready FILE   write this when the threads exist\n"
	      "      --go FIFO      then wait until somebody writes to this\n"
	      "      --held FILE    write this when the lock is held and all wait\n"
	      "      --result FILE  write the result there, not to stdout\n"
	      "      --deadline SEC give up after this long (default 60)\n", f);
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		fprintf(f, "  %-8s %s\n", scenarios[i].name, scenarios[i].help);
}

static bool parse_number(const char *s, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(s, &end, 10);
	if (errno || end == s || *end || *s == '-' || v < min || v > max)
		return false;
	*out = v;
	return true;
}

enum { OPT_HOLD = 256, OPT_PARKED, OPT_UNTIL, OPT_SOLO, OPT_CHILD, OPT_DIR, OPT_READY, OPT_GO,
       OPT_HELD, OPT_RESULT, OPT_DEADLINE };

static const struct option long_opts[] = {
	{ "rounds", 1, NULL, 'r' }, { "waiters", 1, NULL, 'w' }, { "ops", 1, NULL, 'n' },
	{ "hold-ms", 1, NULL, OPT_HOLD }, { "parked", 1, NULL, OPT_PARKED },
	{ "until-signal", 0, NULL, OPT_UNTIL }, { "solo", 0, NULL, OPT_SOLO },
	{ "in-child", 0, NULL, OPT_CHILD }, { "dir", 1, NULL, OPT_DIR },
	{ "ready", 1, NULL, OPT_READY }, { "go", 1, NULL, OPT_GO }, { "held", 1, NULL, OPT_HELD },
	{ "result", 1, NULL, OPT_RESULT }, { "deadline", 1, NULL, OPT_DEADLINE },
	{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 },
};

/* One option into @o; false = its argument is wrong. */
static bool take_option(struct load_opts *o, int c, const char *arg)
{
	unsigned long v = 0;

	switch (c) {
	case 'n':
		return parse_number(arg, 1, 1ul << 32, &o->ops);
	case 'r':
		return parse_number(arg, 1, 100000, &v) && (o->rounds = (unsigned int)v, true);
	case 'w':
		return parse_number(arg, 1, 64, &v) && (o->waiters = (unsigned int)v, true);
	case OPT_PARKED:
		return parse_number(arg, 1, 200, &v) && (o->parked = (unsigned int)v, true);
	case OPT_HOLD:
		return parse_number(arg, 0, 60000, &v) && (o->hold_ms = (unsigned int)v, true);
	case OPT_DEADLINE:
		return parse_number(arg, 1, 86400, &v) && (o->deadline_s = (unsigned int)v, true);
	case OPT_UNTIL:
		return (o->until_signal = true);
	case OPT_SOLO:
		return (o->solo = true);
	case OPT_CHILD:
		return (o->in_child = true);
	case OPT_DIR:
		return (o->dir = arg);
	case OPT_READY:
		return (o->ready = arg);
	case OPT_GO:
		return (o->go = arg);
	case OPT_HELD:
		return (o->held = arg);
	case OPT_RESULT:
		return (o->result = arg);
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	struct load_opts o = { .rounds = 3, .waiters = 3, .ops = 100000, .parked = 64,
			       .hold_ms = 50, .deadline_s = 60, .dir = "/tmp" };
	size_t i;
	int c;

	while ((c = getopt_long(argc, argv, "n:r:w:h", long_opts, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			return 0;
		}
		if (!take_option(&o, c, optarg)) {
			fprintf(stderr, "contend: bad option or argument; see contend --help\n");
			return 2;
		}
	}
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (optind == argc - 1 && !strcmp(argv[optind], scenarios[i].name))
			o.scen = &scenarios[i];
	if (!o.scen) {
		usage(stderr);
		return 2;
	}
	return o.in_child ? run_in_child(&o) : run(&o);
}
