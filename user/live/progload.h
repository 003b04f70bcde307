/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loading the fentry and fexit programs of an object at the same time, on several
 * processors. There is one for each lock function, each with all that happens behind
 * a hook, and what the verifier does with one takes longer than all else at a start
 * (15 ms natively, a second in an emulated guest; there are 130). It does so for
 * privileged programs without a lock (bpf_check(), kernel/bpf/verifier.c), but libbpf
 * loads one after the other.
 *
 * So libbpf gets an empty program in the place of each, and what it was to load goes to
 * threads; at the end their programs take over the descriptors of the empty ones.
 */
#ifndef LK_PROGLOAD_H
#define LK_PROGLOAD_H

struct features;
struct progload;

/*
 * Before an object is opened: from now on its programs SEC("fentry/FUNCTION") and SEC("fexit/FUNCTION")
 * are loaded here; FUNCTION is one of bpf/lockfns.h. @f must stay. One at a time in a process. NULL: no
 * memory.
 */
struct progload *progload_begin(const struct features *f);

/*
 * After its load, which returned @err: wait for all. 0 if that was 0 and all are loaded; else @err, or
 * the -errno of one that was not, of which bpflog.h has been told why. Frees @p; the object is as
 * bpf_object__load() leaves it, and on failure is only good to be closed.
 */
int progload_end(struct progload *p, int err);

#endif /* LK_PROGLOAD_H */
