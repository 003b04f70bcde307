// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be opened, for reading and for writing, and what is said of the rest;
 * errors of the disk and of pipes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../user/file/format.h"
#include "../../user/file/reader.h"
#include "../../user/file/writer.h"
#include "../lib/mkrec.h"
#include "../lib/rec.h"
#include "../lib/tap.h"

static char dir[64];	/* ours, removed at the end */

static const char *at(const char *name)
{
	static char path[4][200];
	static unsigned int next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static void put_file(const char *name, const void *data, size_t n)
{
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, data, n) != (ssize_t)n || close(fd))
		abort();
}

static bool file_is(const char *name, const void *data, size_t n)
{
	char buf[300];
	int fd = open(at(name), O_RDONLY);
	ssize_t got = fd < 0 ? -1 : read(fd, buf, sizeof(buf));

	if (fd >= 0)
		close(fd);
	return got == (ssize_t)n && !memcmp(buf, data, n);
}

/* --- reading ---------------------------------------------------------------------------- */

static void test_foreign(void)
{
#define R(text)	text, sizeof(text) - 1
	static const struct { const char *what, *bytes; size_t n; const char *told; } table[] = {
		{ "empty", R(""), "it is empty; the trace may have ended before anything was written, record again" },
		{ "text", R("[   12.3] WARNING: possible circular locking\n\t\xc3\xa4\n"), "it is text; " },
		{ "ELF", R("\x7f" "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"), "it is a program or library (ELF); " },
		{ "gzip", R("\x1f\x8b\x08\0\0\0\0\0\0\x03"), "it is compressed with gzip; use 'gzip -dc " },
		{ "zstd", R("\x28\xb5\x2f\xfd\x04\x58"), "it is compressed with zstd; use 'zstd -dc " },
		{ "xz", R("\xfd" "7zXZ\0\0"), "it is compressed with xz; use 'xz -dc " },
		{ "bzip2", R("BZh91AY&SY"), "it is compressed with bzip2; use 'bzip2 -dc " },
		{ "perf.data", R("PERFILE2h\0\0\0\0\0\0\0"), "it is a recording of perf; use 'perf report' " },
		{ "trace.dat", R("\x17\x08\x44tracing6\0"), "it is a recording of trace-cmd; " },
		{ "zip", R("PK\x03\x04\x14\0"), "it is a zip archive; unpack it first" },
		{ "zeros", R("\0\0\0\0\0\0\0\0\0\0\0\0"), "it begins with zeros; " },
		{ "noise", R("\x01\x02\x03\x04\xff\xfe\xfd"), "it begins like no file that we know; " },
		{ "a recording sent as text", R("\x89LKS\n\x1a\n\x04\x03\x02\x01"), "it was changed on its way" },
	};
	struct reader *r = NULL;
	struct diag why;
	char want[200];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		put_file("f", table[i].bytes, table[i].n);
		why.text[0] = 0;
		is_int(reader_open(at("f"), &r, &why), -EBADMSG, "%s is refused", table[i].what);
		snprintf(want, sizeof(want), "'%s' is not a recording: %s", at("f"), table[i].told);
		ok(!strncmp(why.text, want, strlen(want)), "... as what it is: %s", why.text);
		ok(!r && !reader_probe(at("f")), "... and nothing is returned");
	}
#undef R
}

static void test_not_files(void)
{
	static const struct { const char *path; int err; const char *told; } table[] = {
		{ "", -EISDIR, "is a directory; give a recording (.lks) in it" },
		{ "missing", -ENOENT, "No such file or directory" },
		{ "loop", -ELOOP, "Too many levels of symbolic links" },
	};
	struct reader *r = NULL;
	struct diag why;
	size_t i;

	if (symlink("loop", at("loop")))
		abort();
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		why.text[0] = 0;
		is_int(reader_open(at(table[i].path), &r, &why), table[i].err, "'%s' is refused", table[i].path);
		ok(strstr(why.text, table[i].told) && strstr(why.text, dir), "... in words: %s", why.text);
		ok(!reader_probe(at(table[i].path)), "... and is no recording");
	}
	is_int(reader_open("/dev/null", &r, &why), -EBADMSG, "a device is refused");
	ok(strstr(why.text, "is a device or terminal, not a recording"), "... in words: %s", why.text);
	is_int(reader_open_fd(-1, "gone", &r, &why), -EBADF, "a bad descriptor");
	is_str(why.text, "cannot read 'gone': Bad file descriptor", "... is told");
	ok(!r, "... and none of them returned a reader");
}

/* Read events from a descriptor, as many as there are; -1 if it does not open. */
static long count_events(int fd, struct diag *why)
{
	struct reader *r;
	struct lk_event ev;
	long n = 0;

	if (reader_open_fd(fd, "pipe", &r, why))
		return -1;
	while (reader_next(r, &ev, why) == 1)
		n++;
	if (!reader_complete(r))
		n = -2;
	reader_free(r);
	return n;
}

/* A child that writes the file to @fd in pieces of @piece bytes. */
static pid_t feed(int fd, const char *name, size_t piece)
{
	pid_t pid = fork();
	char buf[4096];
	ssize_t n;
	int in;

	if (pid)
		return pid;
	in = open(at(name), O_RDONLY);
	while ((n = read(in, buf, piece)) > 0)
		if (write(fd, buf, (size_t)n) != n)
			_exit(1);
	_exit(0);
}

static void test_pipes(long nr)
{
	static const size_t piece[] = { 1, 7, 4096 };
	struct diag why = { "" };
	int p[2], status;
	size_t i;

	for (i = 0; i < 4; i++) {
		pid_t pid;

		if (pipe2(p, i == 3 ? O_NONBLOCK : 0))
			abort();
		if (i == 3)
			fcntl(p[1], F_SETFL, 0);
		pid = feed(p[1], "good.lks", piece[i % 3]);
		close(p[1]);
		is_int(count_events(p[0], &why), nr, "a pipe in pieces of %zu bytes%s", piece[i % 3],
		       i == 3 ? ", not blocking" : "");
		close(p[0]);
		waitpid(pid, &status, 0);
	}
	put_file("text", "hello\n", 6);
	if (pipe(p))
		abort();
	waitpid(feed(p[1], "text", 6), &status, 0);
	close(p[1]);
	is_int(count_events(p[0], &why), -1, "a pipe with text is refused");
	ok(strstr(why.text, "'pipe' is not a recording: it is text"), "... in words: %s", why.text);
	close(p[0]);
}

static void test_stdin(long nr)
{
	int saved = dup(STDIN_FILENO), fd = open(at("good.lks"), O_RDONLY);
	struct diag why = { "" };
	struct reader *r;
	struct lk_event ev;
	long n = 0;

	dup2(fd, STDIN_FILENO);
	close(fd);
	if (is_int(reader_open("-", &r, &why), 0, "'-' is the standard input")) {
		while (reader_next(r, &ev, &why) == 1)
			n++;
		is_int(n, nr, "... and is read");
		is_int(reader_events(r), nr, "... and counted");
		reader_free(r);
	}
	ok(fcntl(STDIN_FILENO, F_GETFD) >= 0, "... and stays open");
	put_file("text", "hello\n", 6);
	fd = open(at("text"), O_RDONLY);
	dup2(fd, STDIN_FILENO);
	close(fd);
	is_int(reader_open("-", &r, &why), -EBADMSG, "text on the standard input");
	ok(strstr(why.text, "'standard input' is not a recording: it is text"), "... is told: %s", why.text);
	dup2(saved, STDIN_FILENO);
	close(saved);
}

static void test_read_error(void)
{
	int fd = open(at("good.lks"), O_WRONLY);
	struct diag why = { "" };
	struct reader *r;

	is_int(reader_open_fd(fd, "f", &r, &why), -EBADF, "a descriptor that cannot be read");
	is_str(why.text, "cannot read 'f': Bad file descriptor", "... is told");
	close(fd);
}

/* --- writing ---------------------------------------------------------------------------- */

static int try_write(const char *path, struct diag *why)
{
	struct lk_event tick = { .kind = LK_EV_TICK };
	struct writer *w = NULL;
	int err;

	why->text[0] = 0;
	err = writer_open(path, &w, why);
	if (err) {
		ok(!w, "... and no writer is returned");
		return err;
	}
	(void)writer_put(w, &tick);
	(void)writer_flush(w);
	err = writer_close(w, why);
	writer_free(w);
	return err;
}

static void test_overwrite(void)
{
	struct stat st;
	struct diag why;

	umask(0);
	is_int(try_write(at("new.lks"), &why), 0, "a new file");
	ok(!stat(at("new.lks"), &st) && (st.st_mode & 07777) == 0600, "... is its owner's only");
	ok(reader_probe(at("new.lks")), "... and a recording");
	is_int(try_write(at("new.lks"), &why), 0, "a recording is overwritten");
	put_file("empty", "", 0);
	is_int(try_write(at("empty"), &why), 0, "an empty file is used");
	put_file("precious", "precious text", 13);
	is_int(try_write(at("precious"), &why), -EEXIST, "another file is not overwritten");
	ok(strstr(why.text, "exists and is not a lockscope recording; remove it or choose another name with -o"),
	   "... in words: %s", why.text);
	ok(file_is("precious", "precious text", 13), "... and is as it was");
	put_file("short", "\x89LK", 3);
	is_int(try_write(at("short"), &why), -EEXIST, "nor a file that only begins like one");
	ok(file_is("short", "\x89LK", 3), "... which is as it was");
}

static void test_links(void)
{
	struct diag why;
	struct stat st;

	put_file("target", "", 0);
	if (symlink("target", at("link")) || symlink("nowhere", at("dangling")))
		abort();
	is_int(try_write(at("link"), &why), -EINVAL, "a symbolic link is not followed");
	ok(strstr(why.text, "is a symbolic link, which is not followed"), "... in words: %s", why.text);
	ok(file_is("target", "", 0), "... and its target is as it was");
	is_int(try_write(at("dangling"), &why), -EINVAL, "nor one that leads nowhere");
	ok(stat(at("nowhere"), &st), "... and nothing was made");
	is_int(try_write(at("dangling/x"), &why), -ENOENT, "a directory that is not there");
	ok(strstr(why.text, "cannot create '") && strstr(why.text, "No such file or directory"),
	   "... in words: %s", why.text);
	is_int(try_write(dir, &why), -EISDIR, "a directory");
	ok(strstr(why.text, "is a directory; give the name of a file with -o"), "... in words: %s", why.text);
	is_int(try_write(at(""), &why), -EISDIR, "a directory with a slash");
	is_int(try_write("", &why), -EINVAL, "no name");
	is_int(try_write("/dev/zero", &why), -EINVAL, "a device");
	ok(strstr(why.text, "is a device"), "... in words: %s", why.text);
	is_int(try_write("/dev/null", &why), 0, "but /dev/null is fine");
}

static void test_two_writers(void)
{
	struct writer *w;
	struct diag why;

	if (!is_int(writer_open(at("busy.lks"), &w, &why), 0, "a file being written"))
		return;
	is_int(try_write(at("busy.lks"), &why), -EBUSY, "... is not taken by another");
	ok(strstr(why.text, "is being written by another program; choose another name with -o"),
	   "... in words: %s", why.text);
	is_int(writer_close(w, &why), 0, "... and is finished");
	writer_free(w);
	is_int(try_write(at("busy.lks"), &why), 0, "... and can be taken then");
}

static void test_disk_full(void)
{
	struct mkrec_opts opts = { .waits = 100000, .emit_waits = true };
	struct diag why = { "" };
	struct lk_event tick = { .kind = LK_EV_TICK };
	struct writer *w;

	is_int(try_write("/dev/full", &why), -ENOSPC, "a full disk");
	is_str(why.text, "cannot write '/dev/full': No space left on device after 0 bytes, what is there can "
	       "still be reported; free some space or choose another place with -o, and record again",
	       "... is explained");
	is_int(mkrec_write(&opts, "/dev/full", &why), -ENOSPC, "a long recording stops");
	if (writer_open("/dev/full", &w, &why))
		abort();
	is_int(writer_put(w, &tick), 0, "an event waits in its block");
	is_int(writer_flush(w), -ENOSPC, "the flush fails");
	is_int(writer_put(w, &tick), -ENOSPC, "... and so does all that follows");
	is_int(writer_close(w, &why), -ENOSPC, "... up to the close");
	is_int(writer_bytes(w), 0, "... with nothing written");
	writer_free(w);
}

static void test_closed_pipe(void)
{
	struct diag why;
	char path[32];
	int p[2];

	if (pipe(p))
		abort();
	close(p[0]);
	snprintf(path, sizeof(path), "/dev/fd/%d", p[1]);
	is_int(try_write(path, &why), -EPIPE, "a pipe that nobody reads");
	ok(strstr(why.text, "Broken pipe after 0 bytes") && strstr(why.text, "what reads it stopped too early"),
	   "... is explained: %s", why.text);
	close(p[1]);
	is_int(try_write(path, &why), -EBADF, "a descriptor that is not open");
	ok(strstr(why.text, "cannot write to '/dev/fd/"), "... is told: %s", why.text);
}

static void test_stdout(long nr)
{
	struct mkrec_opts opts = { .seed = 1, .waits = 300, .emit_waits = true };
	int saved = dup(STDOUT_FILENO), fd = open(at("out.lks"), O_RDWR | O_CREAT, 0600), err;
	struct diag why = { "" };

	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	err = mkrec_write(&opts, "-", &why);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	is_int(err, 0, "'-' is the standard output");
	lseek(fd, 0, SEEK_SET);
	is_int(count_events(fd, &why), nr, "... and takes it all");
	close(fd);
}

static void test_fifo(long nr)
{
	struct mkrec_opts opts = { .seed = 1, .waits = 300, .emit_waits = true };
	struct diag why = { "" };
	struct reader *r;
	struct lk_event ev;
	int status, ret;
	long n = 0;
	pid_t pid;

	if (mkfifo(at("fifo"), 0600))
		abort();
	ok(!reader_probe(at("fifo")), "probing a FIFO does not wait for it");
	pid = fork();
	if (!pid)
		_exit(!!mkrec_write(&opts, at("fifo"), NULL));
	ret = reader_open(at("fifo"), &r, &why);
	if (is_int(ret, 0, "a FIFO opens at both ends")) {
		while (reader_next(r, &ev, &why) == 1)
			n++;
		reader_free(r);
	}
	waitpid(pid, &status, 0);
	is_int(n, nr, "... and carries a recording");
	is_int(status, 0, "... which the writer finished");
}

/* Through sudo: who owns what was made where. */
static void test_sudo(void)
{
	static const struct {
		const char *name, *uid;
		uid_t dir_owner;
		mode_t dir_mode;
		uid_t want;
	} table[] = {
		{ "his", "12345", 12345, 0755, 12345 },
		{ "tmp", "12345", 0, 01777, 12345 },
		{ "root's", "12345", 0, 0755, 0 },
		{ "another's", "12345", 12346, 0755, 0 },
		{ "open", "12345", 0, 0777, 0 },
		{ "no number", "12345x", 12345, 0755, 0 },
		{ "minus one", "4294967295", 12345, 0755, 0 },
	};
	struct diag why;
	struct stat st;
	size_t i;

	if (geteuid()) {
		skip("only root can give files away");
		return;
	}
	setenv("SUDO_GID", "54321", 1);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char file[64];

		snprintf(file, sizeof(file), "%s/x.lks", table[i].name);
		if (mkdir(at(table[i].name), 0700) || chown(at(table[i].name), table[i].dir_owner, 0) ||
		    chmod(at(table[i].name), table[i].dir_mode))
			abort();
		setenv("SUDO_UID", table[i].uid, 1);
		is_int(try_write(at(file), &why), 0, "sudo, directory '%s'", table[i].name);
		if (stat(at(file), &st))
			abort();
		is_int(st.st_uid, table[i].want, "... the file's owner");
		is_int(st.st_gid, table[i].want ? 54321 : 0, "... and group");
		if (unlink(at(file)))
			abort();
		put_file(file, "", 0);
		is_int(try_write(at(file), &why), 0, "... a file that was there");
		if (stat(at(file), &st))
			abort();
		is_int(st.st_uid, 0, "... keeps its owner");
	}
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
}

static void test_descriptors(void)
{
	struct writer *w;
	struct reader *r;
	int fd, n = 0;

	if (writer_open(at("d.lks"), &w, NULL) || reader_open(at("good.lks"), &r, NULL))
		abort();
	for (fd = 3; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	is_int(n, 0, "no descriptor is inherited by programs we start");
	writer_free(w);
	reader_free(r);
	for (fd = 3; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	is_int(n, 0, "... and none is left");
}

static void remove_dir(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		execlp("rm", "rm", "-rf", "--", dir, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
}

int main(void)
{
	struct mkrec_opts opts = { .seed = 1, .waits = 300, .emit_waits = true };
	const char *tmp = getenv("TMPDIR");
	struct diag why = { "" };
	int fd;
	long nr;

	for (fd = 3; fd < 64; fd++)	/* what was inherited would be counted */
		close(fd);
	signal(SIGPIPE, SIG_IGN);
	snprintf(dir, sizeof(dir), "%s/file_open_test.XXXXXX", tmp && strlen(tmp) < 32 ? tmp : "/tmp");
	if (!mkdtemp(dir) || mkrec_write(&opts, at("good.lks"), &why))
		abort();
	fd = open(at("good.lks"), O_RDONLY);
	nr = count_events(fd, &why);
	close(fd);
	ok(nr > 300 && reader_probe(at("good.lks")), "a recording is probed and read");
	test_foreign();
	test_not_files();
	test_pipes(nr);
	test_stdin(nr);
	test_read_error();
	test_overwrite();
	test_links();
	test_two_writers();
	test_disk_full();
	test_closed_pipe();
	test_stdout(nr);
	test_fifo(nr);
	test_sudo();
	test_descriptors();
	remove_dir();
	return done_testing();
}
