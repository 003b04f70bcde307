/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Letting go of hooks without anybody waiting for it (see session_detach()).
 */
#ifndef LK_BACKGROUND_H
#define LK_BACKGROUND_H

/*
 * Run @work in a process of its own that inherits the hooks (descriptors of BPF links
 * and perf events) and nothing else, and ends with it; the caller then closes his
 * descriptors at once. If that process is killed, the kernel does its work. Without
 * a process, @work is run here.
 */
void background_run(void (*work)(void *ctx), void *ctx);

#endif /* LK_BACKGROUND_H */
