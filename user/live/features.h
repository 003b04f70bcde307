/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel offers and allows, each found by looking or by trying: a type
 * or function in BTF proves that it exists, a trial load proves that policy
 * allows it. Versions prove nothing.
 */
#ifndef LK_FEATURES_H
#define LK_FEATURES_H

#include <stdbool.h>

#include "preempt.h"

struct btf;

enum feature_state {
	FEATURE_UNKNOWN = 0,	/* could not be tried: no privileges */
	FEATURE_NO,		/* the kernel does not have it */
	FEATURE_REFUSED,	/* the kernel has it and refuses it to us */
	FEATURE_YES,
};

struct features {
	bool privileged;
	enum feature_state btf;
	enum feature_state raw_tp;		/* raw tracepoint programs load */
	enum feature_state contention;		/* contention_begin and contention_end exist */
	enum feature_state fentry;		/* a tracing program on mutex_lock loads */
	enum feature_state kprobe;
	enum feature_state kprobe_multi;
	enum feature_state lockdep;		/* lock_acquire exists */
	enum feature_state ksyms;		/* kallsyms shows addresses */
	enum feature_state data_syms;		/* kallsyms has data symbols */
	enum feature_state slab;		/* slab cache of an address: kfunc or data symbols */
	enum feature_state context;		/* preempt_count can be found */
	enum feature_state watchdog;		/* timers in programs, and what forgets after a gap */
	bool has_slab_kfunc;
	bool lock_sync;				/* lockdep's lock_sync(), since 6.3 */
	char lockdown[32];			/* "none", "integrity", "confidentiality", "" = unknown */
	struct preempt preempt;
	int fentry_errno;			/* of the trial load */
	int raw_tp_errno;
	struct features_fns *fns;		/* which functions of bpf/lockfns.h exist */
};

/*
 * @btf: the kernel's, or NULL to load it. @symbols: also look at kallsyms, which takes
 * longest. 0 or -ENOMEM.
 */
int features_probe(struct features *f, const struct btf *btf, bool symbols);
void features_done(struct features *f);

/* Is there a kernel function of this name, among those of bpf/lockfns.h? */
bool features_has_fn(const struct features *f, const char *symbol);
/* Its id in the kernel's BTF; 0 = there is none. */
uint32_t features_fn_id(const struct features *f, const char *symbol);

#endif /* LK_FEATURES_H */
