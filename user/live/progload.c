// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs are made by libbpf's main loop, in its order, and taken by threads in that order.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/vec.h"
#include "bpflog.h"
#include "features.h"
#include "kernel.h"
#include "progload.h"

#define THREADS_MAX	8		/* a start must not take a whole host */
#define LOG_MIN		(256u << 10)
#define LOG_MAX		(16u << 20)	/* what kernels before 5.2 could take; a log is longer only by mistake */

/* One program: what libbpf was about to load. All of it is ours. */
struct job {
	struct bpf_program *prog;
	struct bpf_insn *insns;
	size_t nr_insns;
	void *func_info;
	struct bpf_prog_load_opts opts;
	int fd;				/* of what was loaded, or -errno */
};

struct progload {
	const struct features *features;
	pthread_mutex_t lock;
	pthread_cond_t more;
	VEC(struct job *) jobs;		/* under lock, as are: */
	size_t next;
	bool complete;			/* no more will come */
	pthread_t thread[THREADS_MAX];
	unsigned int nr_threads;
};

static struct progload *current;	/* libbpf's callbacks know of no object of ours */

static int load_job(struct job *j, struct bpf_prog_load_opts *opts)
{
	int fd = bpf_prog_load(bpf_program__type(j->prog), bpf_program__name(j->prog), "GPL",
			       j->insns, j->nr_insns, opts);

	return fd < 0 ? -errno : fd;
}

static void *work(void *arg)
{
	struct progload *p = arg;
	struct job *j;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (p->next == p->jobs.nr && !p->complete)
			pthread_cond_wait(&p->more, &p->lock);
		if (p->next == p->jobs.nr)
			break;
		j = p->jobs.v[p->next++];
		pthread_mutex_unlock(&p->lock);
		j->fd = load_job(j, &j->opts);
		pthread_mutex_lock(&p->lock);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* With no thread at all, progload_end() does the work. Signals are for the others. */
static void start_threads(struct progload *p)
{
	cpu_set_t cpus;
	sigset_t all, old;
	int n = sched_getaffinity(0, sizeof(cpus), &cpus) ? 1 : CPU_COUNT(&cpus);

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (p->nr_threads < THREADS_MAX && (int)p->nr_threads < n &&
	       !pthread_create(&p->thread[p->nr_threads], NULL, work, p))
		p->nr_threads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void *copy_of(const void *data, size_t len)
{
	void *copy = malloc(len ? len : 1);

	return copy ? memcpy(copy, data, len) : NULL;
}

static void job_free(struct job *j)
{
	if (!j)
		return;
	free(j->insns);
	free(j->func_info);
	free(j);
}

static struct job *job_make(struct bpf_program *prog, const struct bpf_prog_load_opts *opts)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->prog = prog;
	j->opts = *opts;
	if (j->opts.sz > sizeof(j->opts))	/* of a libbpf newer than its header here */
		j->opts.sz = sizeof(j->opts);
	/* Which line of the source each instruction comes from: no use in what is loaded, and much memory there. */
	j->opts.line_info = NULL;
	j->opts.line_info_cnt = 0;
	j->nr_insns = bpf_program__insn_cnt(prog);
	j->insns = copy_of(bpf_program__insns(prog), j->nr_insns * sizeof(*j->insns));
	j->func_info = copy_of(opts->func_info, opts->func_info ?
			       (size_t)opts->func_info_cnt * opts->func_info_rec_size : 0);
	if (opts->func_info)
		j->opts.func_info = j->func_info;
	if (j->insns && j->func_info)
		return j;
	job_free(j);
	return NULL;
}

/* Put "return 0" in the program's place. */
static int hollow_out(struct bpf_program *prog, struct bpf_prog_load_opts *opts)
{
	opts->func_info = opts->line_info = NULL;
	opts->func_info_cnt = opts->line_info_cnt = 0;
	return bpf_program__set_insns(prog, (struct bpf_insn *)kernel_ret0, KERNEL_RET0_LEN);	/* copies them */
}

static int put_off(struct progload *p, struct bpf_program *prog, struct bpf_prog_load_opts *opts)
{
	struct job *j = job_make(prog, opts);
	int err = j ? 0 : -ENOMEM;

	pthread_mutex_lock(&p->lock);
	err = err ?: vec_push(&p->jobs, j);
	if (!err)
		pthread_cond_signal(&p->more);
	pthread_mutex_unlock(&p->lock);
	if (err)
		job_free(j);
	return err ?: hollow_out(prog, opts);
}

/* libbpf is about to load @prog: SEC("fentry/FUNCTION"). */
static int before_load(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	const char *name = strchr(bpf_program__section_name(prog), '/');
	int id = -ESRCH;

	(void)cookie;
	if (name && current)
		id = (int)features_fn_id(current->features, name + 1);
	else if (name)
		id = libbpf_find_vmlinux_btf_id(name + 1, bpf_program__expected_attach_type(prog));
	if (id <= 0)
		return -ESRCH;
	opts->attach_btf_id = (__u32)id;
	/* BTF of modules, which only functions of modules need, ends with libbpf's load. */
	return current && !opts->fd_array ? put_off(current, prog, opts) : 0;
}

static int attach(const struct bpf_program *prog, long cookie, struct bpf_link **link)
{
	(void)cookie;
	*link = bpf_program__attach_trace(prog);
	return *link ? 0 : -errno;
}

/* For good: objects point to libbpf's table of these. */
static int register_once(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .prog_prepare_load_fn = before_load, .prog_attach_fn = attach);
	static bool done;
	int err;

	if (done)
		return 0;
	err = libbpf_register_prog_handler("fentry+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, &opts);
	if (err >= 0)
		err = libbpf_register_prog_handler("fexit+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, &opts);
	done = err >= 0;
	return err < 0 ? err : 0;
}

struct progload *progload_begin(const struct features *f)
{
	struct progload *p = calloc(1, sizeof(*p));

	if (!p || register_once()) {
		free(p);
		return NULL;
	}
	p->features = f;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	start_threads(p);
	current = p;
	return p;
}

/* Load it again, to hear why it does not. */
static void tell_why(struct job *j)
{
	struct bpf_prog_load_opts opts = j->opts;
	char *log = NULL, *bigger;
	__u32 size;
	int fd = -ENOSPC;

	for (size = LOG_MIN; fd == -ENOSPC && size <= LOG_MAX; size *= 4) {
		bigger = realloc(log, size);
		if (!bigger)
			break;
		log = bigger;
		log[0] = '\0';
		opts.log_buf = log;
		opts.log_size = size;
		opts.log_level = 1;
		fd = load_job(j, &opts);
	}
	if (fd >= 0)
		close(fd);
	bpflog_failed(bpf_program__name(j->prog), j->fd, log ? log : (char[]){ "" });
	free(log);
}

static void finish(struct progload *p)
{
	unsigned int i;

	current = NULL;
	pthread_mutex_lock(&p->lock);
	p->complete = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	if (!p->nr_threads)
		work(p);
	for (i = 0; i < p->nr_threads; i++)
		pthread_join(p->thread[i], NULL);
}

/* The program takes the place of the empty one that libbpf knows. */
static int take_place(struct job *j)
{
	return dup3(j->fd, bpf_program__fd(j->prog), O_CLOEXEC) < 0 ? -errno : 0;
}

int progload_end(struct progload *p, int err)
{
	size_t i;

	finish(p);
	for (i = 0; i < p->jobs.nr && !err; i++) {
		if (p->jobs.v[i]->fd >= 0)
			continue;
		err = p->jobs.v[i]->fd;
		tell_why(p->jobs.v[i]);
	}
	for (i = 0; i < p->jobs.nr; i++) {
		err = err ?: take_place(p->jobs.v[i]);
		if (p->jobs.v[i]->fd >= 0)
			close(p->jobs.v[i]->fd);
		job_free(p->jobs.v[i]);
	}
	vec_free(&p->jobs);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	free(p);
	return err;
}
