package syntax_test
import ("testing";"os";"fmt";"time";"math/rand";"path/filepath";"mmc/lang/syntax")
func TestHang(t *testing.T){
 files,_:=filepath.Glob("testdata/good/*.mm")
 r:=rand.New(rand.NewSource(time.Now().UnixNano()))
 end:=time.Now().Add(10*time.Second)
 n:=0
 for time.Now().Before(end) {
  b,_:=os.ReadFile(files[r.Intn(len(files))])
  for k:=0;k<1+r.Intn(3);k++ { i:=r.Intn(len(b)); switch r.Intn(3){case 0: b=append(b[:i:i],b[i+1:]...); case 1: b[i]="(){}[]:=.,; \n\"ax0+-|>?"[r.Intn(22)]; case 2: j:=i+r.Intn(20); if j>len(b){j=len(b)}; b=append(b[:i:i],b[j:]...)} }
  done:=make(chan bool)
  go func(){ f,d:=syntax.Parse("x",string(b)); for _,x:=range d { if x.Code=="syntax.internal" { fmt.Println(x.Message); os.WriteFile("/tmp/crash.mm",b,0o644)} }; if !d.HasErrors() { syntax.Format(f) }; done<-true}()
  select { case <-done: case <-time.After(3*time.Second): os.WriteFile("/tmp/hang.mm",b,0o644); panic("hang") }
  n++
 }
 fmt.Println(n)
}
