// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of slab caches. KMEM_CACHE() names a cache after its struct; where the kernel
 * chose another name, a table or a rule leads to the tag. A wrong lead does no harm: the
 * struct that it leads to is checked against the cache (member.c).
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "member_priv.h"

/* Caches whose name no rule turns into the tag. Sorted. */
static const struct {
	const char *cache, *tag;
} table[] = {
	{ "AF_VSOCK",			"vsock_sock" },
	{ "MPTCP",			"mptcp_sock" },
	{ "MPTCPv6",			"mptcp6_sock" },
	{ "PING",			"inet_sock" },
	{ "PINGv6",			"raw6_sock" },
	{ "RAW",			"raw_sock" },
	{ "RAWv6",			"raw6_sock" },
	{ "SCTP",			"sctp_sock" },
	{ "SCTPv6",			"sctp6_sock" },
	{ "TCP",			"tcp_sock" },
	{ "TCPv6",			"tcp6_sock" },
	{ "UDP",			"udp_sock" },
	{ "UDP-Lite",			"udp_sock" },
	{ "UDPLITEv6",			"udp6_sock" },
	{ "UDPv6",			"udp6_sock" },
	{ "UNIX",			"unix_sock" },
	{ "UNIX-STREAM",		"unix_sock" },
	{ "afs_inode_cache",		"afs_vnode" },
	{ "bfilp",			"backing_file" },
	{ "blkdev_ioc",			"io_context" },
	{ "blkdev_queue",		"request_queue" },
	{ "cifs_inode_cache",		"cifsInodeInfo" },
	{ "dax_cache",			"dax_device" },
	{ "ep_head",			"epitems_head" },
	{ "erofs_pcluster",		"z_erofs_pcluster" },
	{ "eventpoll_epi",		"epitem" },
	{ "eventpoll_pwq",		"eppoll_entry" },
	{ "ext4_groupinfo",		"ext4_group_info" },
	{ "fat_inode_cache",		"msdos_inode_info" },
	{ "file_lock_ctx",		"file_lock_context" },
	{ "filp",			"file" },
	{ "fuse_request",		"fuse_req" },
	{ "hfsplus_icache",		"hfsplus_inode_info" },
	{ "iommu_iova",			"iova" },
	{ "ip4-frags",			"ipq" },
	{ "ip6-frags",			"frag_queue" },
	{ "ip6_dst_cache",		"rt6_info" },
	{ "ip_dst_cache",		"rtable" },
	{ "ip_fib_alias",		"fib_alias" },
	{ "ip_fib_trie",		"tnode" },
	{ "isofs_inode_cache",		"iso_inode_info" },
	{ "jffs2_i",			"jffs2_inode_info" },
	{ "mnt_cache",			"mount" },
	{ "net_namespace",		"net" },
	{ "nf-frags",			"frag_queue" },
	{ "nf_conntrack",		"nf_conn" },
	{ "nilfs2_inode_cache",		"nilfs_inode_info" },
	{ "numa_policy",		"mempolicy" },
	{ "orangefs_inode_cache",	"orangefs_inode_s" },
	{ "posix_timers_cache",		"k_itimer" },
	{ "radix_tree_node",		"xa_node" },
	{ "request_sock_TCP",		"tcp_request_sock" },
	{ "request_sock_TCPv6",		"tcp_request_sock" },
	{ "request_sock_subflow_v4",	"mptcp_subflow_request_sock" },
	{ "request_sock_subflow_v6",	"mptcp_subflow_request_sock" },
	{ "rpc_tasks",			"rpc_task" },
	{ "shared_policy_node",		"sp_node" },
	{ "skbuff_ext_cache",		"skb_ext" },
	{ "skbuff_fclone_cache",	"sk_buff_fclones" },
	{ "skbuff_head_cache",		"sk_buff" },
	{ "sock_inode_cache",		"socket_alloc" },
	{ "tcp_bind2_bucket",		"inet_bind2_bucket" },
	{ "tcp_bind_bucket",		"inet_bind_bucket" },
	{ "tw_sock_TCP",		"tcp_timewait_sock" },
	{ "tw_sock_TCPv6",		"tcp_timewait_sock" },
	{ "uid_cache",			"user_struct" },
	{ "v9fs_inode_cache",		"v9fs_inode" },
	{ "xfs_bmbt_cur",		"xfs_btree_cur" },
	{ "xfs_bnobt_cur",		"xfs_btree_cur" },
	{ "xfs_extfree_intent",		"xfs_extent_free_item" },
	{ "xfs_icr",			"xfs_icreate_item" },
	{ "xfs_ili",			"xfs_inode_log_item" },
	{ "xfs_inobt_cur",		"xfs_btree_cur" },
	{ "xfs_log_ticket",		"xlog_ticket" },
	{ "xfs_refc_intent",		"xfs_refcount_intent" },
	{ "xfs_refcbt_cur",		"xfs_btree_cur" },
	{ "xfs_rmapbt_cur",		"xfs_btree_cur" },
	{ "xfs_rtrefcountbt_cur",	"xfs_btree_cur" },
	{ "xfs_rtrmapbt_cur",		"xfs_btree_cur" },
	{ "xt_hashlimit",		"dsthash_ent" },
};

static const char *const cut_off[] = { "_cache", "_cachep", "_slab", "_jar", "_mem_cache", "_s" };
static const char *const put_on[] = {
	"", "_info", "_struct", "_s", "_data", "_inode", "_inode_info", "_entry", "_device",
};

static unsigned int add(struct member_tag tags[MEMBER_NR_TAGS], unsigned int nr,
			enum member_lead lead, const char *base, size_t len, const char *end)
{
	char tag[MEMBER_TAG_LEN];
	unsigned int i;
	int n = snprintf(tag, sizeof(tag), "%.*s%s", (int)len, base, end);

	if (nr == MEMBER_NR_TAGS || n <= 0 || n >= (int)sizeof(tag))
		return nr;
	for (i = 0; i < nr; i++)
		if (!strcmp(tags[i].tag, tag))
			return nr;
	memcpy(tags[nr].tag, tag, sizeof(tag));
	tags[nr].lead = lead;
	return nr + 1;
}

/* Length without what tells caches of one struct apart: "ext4_groupinfo_4k", "bio-264". */
static size_t without_number(const char *s, size_t len)
{
	size_t n = len;

	if (n && (s[n - 1] == 'k' || s[n - 1] == 'K'))
		n--;
	while (n && isdigit((unsigned char)s[n - 1]))
		n--;
	return n > 1 && n < len && (s[n - 1] == '-' || s[n - 1] == '_') ? n - 1 : len;
}

static size_t without_suffix(const char *s, size_t len)
{
	size_t i, n;

	for (i = 0; i < sizeof(cut_off) / sizeof(cut_off[0]); i++) {
		n = strlen(cut_off[i]);
		if (len > n && !memcmp(s + len - n, cut_off[i], n))
			return len - n;
	}
	return len;
}

static unsigned int from_table(struct member_tag tags[MEMBER_NR_TAGS], unsigned int nr,
			       const char *cache, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].cache) == len && !memcmp(table[i].cache, cache, len))
			return add(tags, nr, LEAD_NAME, table[i].tag, strlen(table[i].tag), "");
	return nr;
}

unsigned int member_cache_tags(const char *cache, struct member_tag tags[MEMBER_NR_TAGS])
{
	size_t len = strlen(cache), plain, base, word, i;
	unsigned int nr;

	nr = from_table(tags, 0, cache, len);
	nr = add(tags, nr, LEAD_NAME, cache, len, "");
	plain = without_number(cache, len);
	if (plain < len)
		nr = from_table(tags, nr, cache, plain);
	base = without_suffix(cache, plain);
	for (i = 0; i < sizeof(put_on) / sizeof(put_on[0]); i++)
		nr = add(tags, nr, LEAD_RULE, cache, base, put_on[i]);
	if (base > 9 && !strncmp(cache, "xfs_", 4) && !memcmp(cache + base - 5, "_item", 5))
		nr = add(tags, nr, LEAD_RULE, cache, base - 5, "_log_item");
	/* jbd2_transaction_s is a transaction_s, btrfs_extent_map an extent_map. */
	word = strcspn(cache, "_") + 1;
	if (word < base) {
		nr = add(tags, nr, LEAD_PART, cache + word, plain - word, "");
		nr = add(tags, nr, LEAD_PART, cache + word, base - word, "");
	}
	return nr;
}

/* Words that many names begin with. */
static const char *const generic[] = {
	"add", "alloc", "bit", "cache", "call", "class", "clear", "close", "common", "control", "copy",
	"core", "create", "data", "del", "delayed", "dev", "device", "destroy", "driver", "file",
	"find", "flush", "free", "generic", "get", "handle", "info", "init", "insert", "list",
	"lock", "lookup", "mod", "mutex", "new", "node", "object", "open", "ops", "page", "poll",
	"proc", "process", "put", "queue", "raw", "read", "register", "release", "remove", "reset",
	"run", "sched", "set", "show", "simple", "spin", "start", "state", "stop", "store",
	"struct", "sync", "sys", "task", "test", "thread", "timer", "try", "unlock", "unregister",
	"update", "user", "wait", "wake", "work", "worker", "write",
};

/* Length of the first word of a name, 0 if it says nothing. *name skips leading '_'. */
static size_t first_word(const char **name)
{
	size_t len, i;

	while (**name == '_')
		++*name;
	len = strcspn(*name, "_.-");
	if (len < 3 || !isalpha((unsigned char)**name))
		return 0;
	for (i = 0; i < sizeof(generic) / sizeof(generic[0]); i++)
		if (strlen(generic[i]) == len && !memcmp(generic[i], *name, len))
			return 0;
	return len;
}

/* Step over the first word of both if they begin with the same. */
static bool skip_same(const char **name, const char **tag)
{
	size_t a = first_word(name), b = first_word(tag);

	if (!a || a != b || memcmp(*name, *tag, a))
		return false;
	*name += a;
	*tag += a;
	return true;
}

bool member_same_word(const char *name, const char *tag)
{
	return skip_same(&name, &tag);
}

bool member_same_words(const char *name, const char *tag)
{
	size_t len = strlen(name);

	return without_number(name, len) == len && skip_same(&name, &tag) && skip_same(&name, &tag);
}

static int read_link(struct member_aliases *a, int dir, const char *name)
{
	struct member_alias alias;
	char target[256];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);
	const char *last;
	int err;

	if (n <= 0)
		return 0;		/* no link: a cache that is not merged */
	target[n] = '\0';
	last = strrchr(target, '/');
	err = strpool_id(&a->pool, name, &alias.name);
	err = err ?: strpool_id(&a->pool, last ? last + 1 : target, &alias.target);
	return err ?: vec_push(&a->v, alias);
}

int member_aliases_read(struct member_aliases *a, const char *dir)
{
	const struct dirent *e;
	DIR *d;
	int err;

	if (a->read)
		return 0;
	err = strpool_init(&a->pool);
	a->read = true;
	d = err ? NULL : opendir(dir);
	while (d && !err && (e = readdir(d)))
		err = read_link(a, dirfd(d), e->d_name);
	if (d)
		closedir(d);
	if (err)
		member_aliases_done(a);
	return err;
}

void member_aliases_done(struct member_aliases *a)
{
	if (a->read)
		strpool_done(&a->pool);
	vec_free(&a->v);
	memset(a, 0, sizeof(*a));
}

/* kmalloc_info[] in mm/slab_common.c; above, powers of two. */
static uint32_t bucket_below(uint32_t size)
{
	if (size == 96 || size == 192)
		return size / 3 * 2;
	if (size == 128 || size == 256)
		return size / 4 * 3;
	return size <= 8 ? 0 : size / 2;
}

bool member_kmalloc_size(const char *cache, uint32_t *size, uint32_t *smaller)
{
	const char *number = strrchr(cache, '-');
	unsigned long n;
	char *end;

	if ((strncmp(cache, "kmalloc-", 8) && strncmp(cache, "dma-kmalloc-", 12)) ||
	    !isdigit((unsigned char)number[1]))
		return false;
	n = strtoul(number + 1, &end, 10);
	if (n > 1u << 20)
		return false;
	if (*end == 'k' || *end == 'M')
		n <<= *end++ == 'k' ? 10 : 20;
	if (*end || n < 8 || n > 1u << 30)
		return false;
	*size = (uint32_t)n;
	*smaller = bucket_below(*size);
	return true;
}
