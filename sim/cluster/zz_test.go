package cluster
import ("testing";"os";"fmt")
func TestZZ(t *testing.T){
 var seed uint64; fmt.Sscan(os.Getenv("ZZ"),&seed)
 j:=drawJob(t,seed)
 t.Logf("%+v %+v", j.Pipeline.Watermark, j.Pipeline.Late)
 for _,s:=range j.Pipeline.Steps { t.Logf("%+v", s) }
 d,err:=runSmall(t,seed,nil)
 t.Log(err)
 for p:=range d.check.log.parts { for i,b:=range d.check.log.parts[p].batches { if b.Base>=15 && b.Base<32 { rows,_:=decodeRows(int32(p),&b); t.Log(p,i,b.Base,b.Count,b.Append,b.Idle,b.TimeMax, rows.Times, rows.Appends) } } }
 fmt.Println(d.where())
}
