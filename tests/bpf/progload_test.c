// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading fentry and fexit programs at the same time (user/live/progload.h): where they are allowed, all
 * are there and run; where not, or where one is not as it must be, the error and the program are told.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "progload.skel.h"

#include "../../user/live/bpflog.h"
#include "../../user/live/features.h"
#include "../../user/live/progload.h"
#include "rig.h"

static struct features features;
static struct bpflog heard;

/* Load these: 0 or -errno. *ret is for the caller to destroy, whatever happens. */
static int load(const char *const names[], struct progload_bpf **ret)
{
	struct progload *p = progload_begin(&features);
	int err = -ENOENT;

	bpflog_begin(&heard);
	*ret = progload_bpf__open();
	for (; *ret && *names; names++)
		bpf_program__set_autoload(bpf_object__find_program_by_name((*ret)->obj, *names), true);
	if (*ret)
		err = progload_bpf__load(*ret);
	err = progload_end(p, err);
	bpflog_end();
	return err;
}

static uint32_t nr_insns(const struct bpf_program *prog)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len) ? 0 : info.xlated_prog_len / 8;
}

/* Something in the kernel takes a mutex and gives it back. */
static void take_mutex(void)
{
	struct stat st;
	int fds[2];

	if (!pipe(fds)) {
		(void)!write(fds[1], "x", 1);
		(void)fstat(fds[0], &st);
		close(fds[0]);
		close(fds[1]);
	}
}

static void test_good(void)
{
	struct progload_bpf *skel;
	int enter_fd;

	is_int(load((const char *const[]){ "enter_unlock", "leave_unlock", NULL }, &skel), 0, "both load");
	is_str(heard.prog, "", "and no program is blamed");
	enter_fd = bpf_program__fd(skel->progs.enter_unlock);
	ok(enter_fd >= 0 && enter_fd != bpf_program__fd(skel->progs.leave_unlock), "each has a descriptor");
	ok(nr_insns(skel->progs.enter_unlock) > 2 && nr_insns(skel->progs.leave_unlock) > 2,
	   "which is not that of the empty program");
	is_int(fcntl(enter_fd, F_GETFD), FD_CLOEXEC, "and is not inherited");
	is_int(bpf_program__fd(skel->progs.bad_up), -ENOENT, "what was not asked for is not there");
	is_int(progload_bpf__attach(skel), 0, "they attach");
	take_mutex();
	ok(skel->bss->enters > 0 && skel->bss->leaves > 0, "and run");
	progload_bpf__destroy(skel);
}

static void test_bad(void)
{
	struct progload_bpf *skel;
	int err = load((const char *const[]){ "enter_unlock", "leave_unlock", "bad_up", NULL }, &skel);

	ok(err < 0, "one is bad: an error (%d)", err);
	is_str(heard.prog, "bad_up", "that names it");
	ok(strstr(heard.last, "invalid mem access"), "and has what the verifier says: %s", heard.last);
	progload_bpf__destroy(skel);
}

/* Whether or not fentry is allowed here. */
static void test_no_function(void)
{
	struct progload_bpf *skel;
	int err = load((const char *const[]){ "enter_nothing", NULL }, &skel);

	is_int(err, -ESRCH, "a function that is not there");
	is_str(heard.prog, "enter_nothing", "is told by its program");
	progload_bpf__destroy(skel);
}

static void test_refused(void)
{
	struct progload_bpf *skel;
	int err = load((const char *const[]){ "enter_unlock", NULL }, &skel);

	is_int(err, -features.fentry_errno, "refused here: the kernel's error");
	is_str(heard.prog, "enter_unlock", "and the program");
	progload_bpf__destroy(skel);
}

int main(void)
{
	struct btf *btf = rig_btf();

	if (!btf)
		return 0;
	if (features_probe(&features, btf, false)) {
		printf("Bail out! no memory\n");
		return 1;
	}
	if (features.fentry == FEATURE_YES) {
		test_good();
		test_bad();
	} else {
		test_refused();
	}
	test_no_function();
	features_done(&features);
	btf__free(btf);
	return done_testing();
}
