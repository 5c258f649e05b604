// Loading a compiled library, and reading from its file where its variables
// are.
#include "device.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// makeRegion allocates a region's records of its bytes.
static void makeRegion(Region* r, uintptr_t base, size_t size, uint8_t state, bool shared) {
	r->base = base;
	r->size = size;
	r->state = static_cast<uint8_t*>(malloc(size + 4));
	memset(r->state, state, size + 4);
	r->cells = static_cast<Cell*>(calloc(size / 4 + 1, sizeof(Cell)));
	r->shared = shared;
}

static void forgetRegion(Region& r) {
	if (r.cells) memset(static_cast<void*>(r.cells), 0, (r.size / 4 + 1) * sizeof(Cell));
}

void Module::forget() {
	forgetRegion(shared);
	forgetRegion(image);
}

Module::~Module() {
	for (Region* r : {&shared, &image}) {
		::free(r->state);
		::free(r->cells);
	}
	if (handle) dlclose(handle);
	if (memory >= 0) close(memory);
}

const Kernel* Module::find(const std::string& name) const {
	for (const Kernel& k : kernels)
		if (k.name == name) return &k;
	return nullptr;
}

// readElf reads from the library's file which addresses it occupies, and its
// __shared__ variables: the objects in the section of that name.
static bool readElf(const std::string& file, uintptr_t offset, Module* m, std::vector<Variable>* variables, std::vector<std::string>* owners) {
	typedef ElfW(Ehdr) Header;
	if (file.size() < sizeof(Header)) return false;
	const char* data = file.data();
	auto header = reinterpret_cast<const Header*>(data);
	auto program = reinterpret_cast<const ElfW(Phdr)*>(data + header->e_phoff);
	uintptr_t low = ~uintptr_t(0), high = 0;
	for (int i = 0; i < header->e_phnum; i++) {
		if (program[i].p_type != PT_LOAD) continue;
		if (program[i].p_vaddr < low) low = program[i].p_vaddr;
		if (program[i].p_vaddr + program[i].p_memsz > high) high = program[i].p_vaddr + program[i].p_memsz;
	}
	makeRegion(&m->image, offset + low, high - low, stateNone, false);
	auto sections = reinterpret_cast<const ElfW(Shdr)*>(data + header->e_shoff);
	const char* names = data + sections[header->e_shstrndx].sh_offset;
	auto allow = [&](uintptr_t at, size_t size) { memset(m->image.state + (at - low), stateSet, size); };
	// Kernels may access constants, and variables other than the prelude's.
	for (int i = 0; i < header->e_shnum; i++) {
		auto flags = sections[i].sh_flags;
		if ((flags & SHF_ALLOC) && !(flags & (SHF_WRITE | SHF_EXECINSTR)) && !strncmp(names + sections[i].sh_name, ".rodata", 7))
			allow(sections[i].sh_addr, sections[i].sh_size);
		if (sections[i].sh_type != SHT_SYMTAB) continue;
		auto symbols = reinterpret_cast<const ElfW(Sym)*>(data + sections[i].sh_offset);
		const char* strings = data + sections[sections[i].sh_link].sh_offset;
		for (size_t k = 0; k < sections[i].sh_size / sizeof *symbols; k++) {
			int in = symbols[k].st_shndx;
			if (in <= 0 || in >= header->e_shnum || ELF64_ST_TYPE(symbols[k].st_info) != STT_OBJECT) continue;
			const char* name = strings + symbols[k].st_name;
			if (!strcmp(names + sections[in].sh_name, "emu_shared") || !strncmp(name, "emu", 3) || !strncmp(name, "completed", 9)) continue;
			allow(symbols[k].st_value, symbols[k].st_size);
		}
	}
	int shared = -1;
	for (int i = 0; i < header->e_shnum; i++)
		if (!strcmp(names + sections[i].sh_name, "emu_shared")) shared = i;
	if (shared < 0) return true;
	makeRegion(&m->shared, offset + sections[shared].sh_addr, sections[shared].sh_size, stateNone, true);
	for (int i = 0; i < header->e_shnum; i++) {
		if (sections[i].sh_type != SHT_SYMTAB) continue;
		auto symbols = reinterpret_cast<const ElfW(Sym)*>(data + sections[i].sh_offset);
		const char* strings = data + sections[sections[i].sh_link].sh_offset;
		for (size_t k = 0; k < sections[i].sh_size / sizeof *symbols; k++) {
			if (symbols[k].st_shndx != shared || !symbols[k].st_size || ELF64_ST_TYPE(symbols[k].st_info) != STT_OBJECT) continue;
			// _ZZ, the function by length and name, E, the variable by length and name.
			std::string owner, name = strings + symbols[k].st_name;
			char* end;
			if (name.compare(0, 3, "_ZZ") == 0) {
				size_t n = strtoul(name.c_str() + 3, &end, 10);
				owner = std::string(end, strnlen(end, n));
				std::string rest = end + owner.size();
				size_t at = rest.find('E');
				size_t digit = at == rest.npos ? at : rest.find_first_of("0123456789", at);
				if (digit != rest.npos) {
					n = strtoul(rest.c_str() + digit, &end, 10);
					name = std::string(end, strnlen(end, n));
				}
			}
			variables->push_back({offset + symbols[k].st_value, symbols[k].st_size, name});
			owners->push_back(owner);
		}
	}
	return true;
}

Module* load(const std::string& path, std::string* error) {
	std::string file;
	if (FILE* f = fopen(path.c_str(), "rb")) {
		char part[1 << 14];
		while (size_t n = fread(part, 1, sizeof part, f)) file.append(part, n);
		fclose(f);
	}
	Module* m = new Module;
	m->path = path;
	// Each module is loaded from a file of its own, or two would share variables.
	m->memory = memfd_create("kernels", MFD_CLOEXEC);
	if (file.empty() || m->memory < 0 || write(m->memory, file.data(), file.size()) != ssize_t(file.size())) {
		*error = "cannot read " + path;
		delete m;
		return nullptr;
	}
	m->handle = dlopen(format("/proc/self/fd/%d", m->memory).c_str(), RTLD_NOW | RTLD_LOCAL);
	auto described = m->handle ? static_cast<const EmuModule*>(dlsym(m->handle, "emuModule")) : nullptr;
	link_map* map = nullptr;
	if (!described || dlinfo(m->handle, RTLD_DI_LINKMAP, &map)) {
		const char* why = dlerror();
		*error = why ? why : "no emuModule in " + path;
		delete m;
		return nullptr;
	}
	*described->table = &theTable;
	m->offset = map->l_addr;
	std::vector<Variable> variables;
	std::vector<std::string> owners;
	if (!readElf(file, m->offset, m, &variables, &owners)) {
		*error = path + " is no library";
		delete m;
		return nullptr;
	}
	for (int i = 0; i < described->count; i++) {
		Kernel k;
		k.code = &described->kernels[i];
		k.name = k.code->name;
		m->kernels.push_back(k);
	}
	for (Kernel& k : m->kernels) {
		// A kernel has its own variables and those of functions that are not
		// kernels.
		for (size_t v = 0; v < variables.size(); v++) {
			if (owners[v] != k.name && m->find(owners[v])) continue;
			size_t at = 0;
			while (at < k.shared.size() && k.shared[at].base < variables[v].base) at++;
			k.shared.insert(k.shared.begin() + long(at), variables[v]);
			k.sharedBytes += variables[v].size;
		}
	}
	return m;
}

int sourceLine(const Module& module, uintptr_t pc) {
	if (!module.image.has(pc)) return 0;
	std::string command = format("addr2line -e '%s' 0x%lx 2>/dev/null", module.path.c_str(), (unsigned long)(pc - module.offset));
	FILE* f = popen(command.c_str(), "r");
	if (!f) return 0;
	char text[4096] = "";
	if (!fgets(text, sizeof text, f)) text[0] = 0;
	pclose(f);
	const char* name = strstr(text, "kernel.cu:");
	return name ? atoi(name + strlen("kernel.cu:")) : 0;
}
