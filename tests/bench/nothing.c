/* A program for Windows that does nothing but load the libraries which its arguments name, and tells
   its peak of memory in KiB: what any program with these libraries costs under this Wine. */
#include <windows.h>
#include <psapi.h>
#include <stdio.h>

int main(int count, char **names) {
  PROCESS_MEMORY_COUNTERS counters;
  for (int at = 1; at < count; at++) {
    LoadLibraryA(names[at]);
  }
  if (!GetProcessMemoryInfo(GetCurrentProcess(), &counters, sizeof counters)) {
    return 1;
  }
  printf("%lu\n", (unsigned long)(counters.PeakWorkingSetSize / 1024));
  return 0;
}
